import { DhiError } from "../errors.js";
import { defaultDirectory, type FileTree } from "./file-tree.js";
import type { FileNode, LayerEntry, RawPath } from "./node.js";
import { displayPath, parentOf } from "./raw-path.js";

/** A node that is put somewhere, and what to call it in an error. */
export interface Placement {
  readonly path: RawPath;
  readonly node: FileNode;
  /** Takes the place of the attributes of a directory that is there already. */
  readonly force?: boolean;
  /** Made from what is there, so that replacing it is no overwriting. */
  readonly edited?: boolean;
}

/** A file of the base that was replaced by one that differs. */
export type Overwritten = RawPath;

/** One layer while it is filled. Writes into the tree it is given, so that later layers stand on it. */
export class LayerDraft {
  readonly #tree: FileTree;
  readonly #base: FileTree;
  readonly #written = new Map<RawPath, FileNode>();
  readonly overwritten: Overwritten[] = [];

  /** `tree`: what lies beneath, with our earlier layers; it is changed. `base`: the image that is customized. */
  constructor(tree: FileTree, base: FileTree) {
    this.#tree = tree;
    this.#base = base;
  }

  /**
   * Parents are resolved where they stand; those that are missing are made as `source` has them, else 0755 root. A file
   * or link replaces a file or link; a directory merges with a directory, or with a link to one, and leaves its owner
   * and mode. Throws `DhiError` "conflict" for a file over a directory and the reverse.
   */
  place(placement: Placement, source?: FileTree): void {
    const { node } = placement;
    const path = this.#tree.resolve(placement.path);
    this.#makeParents(path, placement.path, source);
    const old = this.#tree.get(path);
    if (old === undefined) this.#write(path, node);
    else if (node.type === "directory") this.#mergeDirectory(path, old, placement);
    else if (old.type === "directory") throw conflict(placement, path, old);
    else if (old !== node) this.#replace(path, old, placement);
  }

  /** Every entry of the layer in byte order of paths, each directory above one included as it stands. */
  entries(): readonly LayerEntry[] {
    const nodes = new Map(this.#written);
    for (const path of this.#written.keys()) {
      for (let parent = parentOf(path); !nodes.has(parent); parent = parentOf(parent)) {
        nodes.set(parent, this.#tree.get(parent) ?? defaultDirectory);
        if (parent === "") break;
      }
    }
    if (nodes.get("") === defaultDirectory) nodes.delete("");
    const firstNames = new Map<FileNode, RawPath>();
    return [...nodes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, node]) => {
        const link = node.type === "file" ? firstNames.get(node) : undefined;
        if (link !== undefined) return { path, link };
        firstNames.set(node, path);
        return { path, node };
      });
  }

  #mergeDirectory(path: RawPath, old: FileNode, placement: Placement): void {
    const real = old.type === "symlink" ? this.#tree.follow(path) : path;
    const found = real === undefined ? undefined : this.#tree.get(real);
    if (real === undefined || found?.type !== "directory") throw conflict(placement, path, found ?? old);
    if (placement.force === true) this.#write(real, placement.node);
  }

  #replace(path: RawPath, old: FileNode, { node, edited }: Placement): void {
    if (edited !== true && this.#base.get(path) === old && !sameNode(old, node)) this.overwritten.push(path);
    this.#write(path, node);
  }

  /** What of `path` is missing ends like `wanted`, so its parents in the source are found by counting from the end. */
  #makeParents(path: RawPath, wanted: RawPath, source: FileTree | undefined): void {
    const parent = parentOf(path);
    if (parent === "" || this.#tree.get(parent) !== undefined) return;
    const sourceParent = parentOf(wanted);
    this.#makeParents(parent, sourceParent, source);
    const node = source?.get(sourceParent);
    this.#write(parent, node?.type === "directory" ? node : defaultDirectory);
  }

  #write(path: RawPath, node: FileNode): void {
    this.#tree.set(path, node);
    this.#written.set(path, node);
  }
}

function sameNode(a: FileNode, b: FileNode): boolean {
  return (
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.target === b.target &&
    a.content?.digest === b.content?.digest
  );
}

function conflict(placement: Placement, path: RawPath, old: FileNode): DhiError {
  const where = path === placement.path ? "" : ` (at ${displayPath(path)})`;
  return new DhiError("conflict", `${displayPath(placement.path)}${where} is a ${placement.node.type} over a ${old.type}`, {
    hint: "Exclude it, or choose another path",
  });
}
