import { DhiError } from "../../errors.js";
import { emptyFile } from "../tree/empty-file.js";
import { defaultDirectory, type FileTree } from "../tree/file-tree.js";
import type { FileNode, LayerEntry, RawPath } from "../tree/node.js";
import { baseNameOf, displayPath, joinRaw, parentOf } from "../tree/raw-path.js";

/** A node to place at a path, and how errors refer to it. */
export interface Placement {
  readonly path: RawPath;
  readonly node: FileNode;
  /** Whether it replaces the attributes of an existing directory. */
  readonly force?: boolean;
  /** Whether it is derived from the existing file, so that replacing that file does not count as overwriting. */
  readonly edited?: boolean;
}

/** A file of the base that was replaced by a different one. */
export type Overwritten = RawPath;

/** One layer while it is filled. Writes to the tree it is given, so that later layers build on it. */
export class LayerDraft {
  readonly #tree: FileTree;
  readonly #base: FileTree;
  readonly #written = new Map<RawPath, FileNode>();
  /** Nodes of lower layers that this layer hides, as they were. */
  readonly #hidden = new Map<RawPath, FileNode>();
  /** The node that was at each written path before, if any. */
  readonly #beneath = new Map<RawPath, FileNode>();
  readonly overwritten: Overwritten[] = [];

  /** `tree`: the base with the earlier layers of this image; it is changed. `base`: the image that is customized. */
  constructor(tree: FileTree, base: FileTree) {
    this.#tree = tree;
    this.#base = base;
  }

  /**
   * Symlinks in the parents are followed; missing parents are created as `source` has them, else 0755 root. A file
   * or link replaces a file or link; a directory merges with a directory, or with a link to one, whose owner and mode
   * stay. Throws `DhiError` "conflict" for a file over a directory and the reverse.
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

  /** The nodes of lower layers that this layer hides or replaces. */
  get removed(): Iterable<RawPath> {
    return this.#hidden.keys();
  }

  /** The nodes that were placed in this layer and are still in it. */
  get written(): Iterable<RawPath> {
    return this.#written.keys();
  }

  /** Removes the node at exactly this path, with everything below it: a whiteout hides what lower layers have there. */
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
   * Every entry of the layer: whiteouts first, then the rest in byte order of paths, with every parent directory as it is in the tree.
   * The parents of whiteouts come before them.
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

  /** Whether a directory above is hidden, and this path with it. */
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

  /** The missing part of `path` ends like `wanted`, so its parents in the source are found by counting from the end. */
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

/**
 * The whiteout that hides a path (OCI image layer specification, "Whiteouts"); for a directory that replaces one, the opaque whiteout of
 * its old content.
 */
function whiteoutOf(path: RawPath, old: FileNode, instead: FileNode | undefined): readonly RawPath[] {
  if (instead === undefined) return [joinRaw(parentOf(path), `.wh.${baseNameOf(path)}`)];
  return instead.type === "directory" && old.type === "directory" ? [joinRaw(path, ".wh..wh..opq")] : [];
}

/** The directories above a path, including the root, up to the first known one, whose own parents are known too. */
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

/** An image cannot contain such a file (OCI image layer specification, "Whiteouts"). */
function asWhiteout(path: RawPath): DhiError {
  return new DhiError("invalid", `${displayPath(path)} begins with .wh., which marks a removed file in a layer`, {
    hint: "Exclude it, or choose another path",
  });
}

function conflict(placement: Placement, path: RawPath, old: FileNode): DhiError {
  const where = path === placement.path ? "" : ` (at ${displayPath(path)})`;
  return new DhiError("conflict", `${displayPath(placement.path)}${where} is a ${placement.node.type} and cannot replace a ${old.type}`, {
    hint: "Exclude it, or choose another path",
  });
}
