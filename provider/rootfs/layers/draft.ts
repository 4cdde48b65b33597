import { DhiError } from "../../errors.js";
import { emptyFile } from "../tree/empty-file.js";
import { defaultDirectory, type FileTree } from "../tree/file-tree.js";
import type { FileNode, LayerEntry, RawPath } from "../tree/node.js";
import { baseNameOf, displayPath, joinRaw, parentOf } from "../tree/raw-path.js";

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
  /** What lies beneath and is hidden, as it was. */
  readonly #hidden = new Map<RawPath, FileNode>();
  /** What lay where something was written, if anything did. */
  readonly #beneath = new Map<RawPath, FileNode>();
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

  /** What was there before the layer, and is hidden or replaced by it. */
  get removed(): Iterable<RawPath> {
    return this.#hidden.keys();
  }

  /** What was put into the layer and is still there. */
  get written(): Iterable<RawPath> {
    return this.#written.keys();
  }

  /** Takes away what is at a path, as it stands, with all below it: what lies beneath is hidden by a whiteout. */
  remove(path: RawPath): void {
    const old = this.#tree.get(path);
    if (path === "" || old === undefined) return;
    const lower = this.#hidden.get(path) ?? (this.#written.has(path) ? this.#beneath.get(path) : old);
    const below = old.type === "directory" ? [...this.#tree.walk(path)] : [];
    for (const map of [this.#written, this.#beneath]) {
      map.delete(path);
      for (const [other] of below) map.delete(other);
    }
    this.#tree.remove(path);
    if (lower !== undefined) this.#hidden.set(path, lower);
  }

  /**
   * Every entry of the layer: whiteouts first, then the rest in byte order of paths, each directory above one included as it stands. Those
   * above whiteouts go before them.
   */
  entries(): readonly LayerEntry[] {
    const nodes = new Map(this.#written);
    const hidden = [...this.#hidden].filter(([path]) => !this.#isHiddenWhole(path));
    const whiteouts = hidden.flatMap(([path, old]) => whiteoutOf(path, old, nodes.get(path))).sort();
    const first = new Set<RawPath>();
    for (const path of whiteouts) for (const parent of missingParents(path, first)) first.add(parent);
    for (const path of [...nodes.keys(), ...whiteouts]) {
      for (const parent of missingParents(path, nodes)) nodes.set(parent, this.#tree.get(parent) ?? defaultDirectory);
    }
    if (nodes.get("") === defaultDirectory) nodes.delete("");
    const firstNames = new Map<FileNode, RawPath>();
    const entries = [...nodes.keys()].sort().map((path): LayerEntry => {
      const node = nodes.get(path) ?? defaultDirectory;
      const link = node.type === "file" ? firstNames.get(node) : undefined;
      if (link !== undefined) return { path, link };
      if (node.type === "file") firstNames.set(node, path);
      return { path, node };
    });
    if (whiteouts.length === 0) return entries;
    return [
      ...entries.filter(({ path }) => first.has(path)),
      ...whiteouts.map((path) => ({ path, node: emptyFile })),
      ...entries.filter(({ path }) => !first.has(path)),
    ];
  }

  /** Whether a directory above is hidden, and this with it. */
  #isHiddenWhole(path: RawPath): boolean {
    for (let at = parentOf(path); at !== ""; at = parentOf(at)) if (this.#hidden.has(at)) return true;
    return false;
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
    if (baseNameOf(path).startsWith(".wh.")) throw asWhiteout(path);
    const old = this.#written.has(path) ? undefined : this.#tree.get(path);
    if (old !== undefined) this.#beneath.set(path, old);
    this.#tree.set(path, node);
    this.#written.set(path, node);
  }
}

/** What hides a path (OCI image layer specification, "Whiteouts"); where a directory takes the place of one, what was in the old one. */
function whiteoutOf(path: RawPath, old: FileNode, instead: FileNode | undefined): readonly RawPath[] {
  if (instead === undefined) return [joinRaw(parentOf(path), `.wh.${baseNameOf(path)}`)];
  return instead.type === "directory" && old.type === "directory" ? [joinRaw(path, ".wh..wh..opq")] : [];
}

/** The directories above a path, the root too, up to one that is known: those above it have their turn, or had it. */
function missingParents(path: RawPath, known: { has(path: RawPath): boolean }): readonly RawPath[] {
  const parents: RawPath[] = [];
  for (let at = path; at !== "";) {
    at = parentOf(at);
    if (known.has(at)) break;
    parents.push(at);
  }
  return parents;
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

/** An image cannot hold such a file (OCI image layer specification, "Whiteouts"). */
function asWhiteout(path: RawPath): DhiError {
  return new DhiError("invalid", `${displayPath(path)} begins with .wh., which in a layer means that something is removed`, {
    hint: "Exclude it, or choose another path",
  });
}

function conflict(placement: Placement, path: RawPath, old: FileNode): DhiError {
  const where = path === placement.path ? "" : ` (at ${displayPath(path)})`;
  return new DhiError("conflict", `${displayPath(placement.path)}${where} is a ${placement.node.type} over a ${old.type}`, {
    hint: "Exclude it, or choose another path",
  });
}
