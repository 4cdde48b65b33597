import { digestOf } from "../../image/digest.js";
import { defaultDirectory, type FileTree } from "../../rootfs/tree/file-tree.js";
import { LayerDraft } from "../../rootfs/layers/draft.js";
import type { FileNode, RawPath } from "../../rootfs/tree/node.js";
import { baseNameOf, joinRaw, parentOf } from "../../rootfs/tree/raw-path.js";
import { DhiError } from "../../errors.js";
import type { ScriptWork } from "../scripts/script-work.js";

export { emptyFile } from "../../rootfs/tree/empty-file.js";

export type Attributes = Partial<Pick<FileNode, "mode" | "uid" | "gid">>;

/** Bytes of a path that a script makes, at most: Linux's limit (limits.h, PATH_MAX). */
export const MAX_PATH = 4096;

/** What listing an entry of a folder, and reading or changing a file, cost besides their bytes. */
const [NODE_WORK, ACCESS_WORK] = [20, 500];

/**
 * A root as commands see it: files are read, created, changed and removed by path. It works on a copy, so that temporary files
 * leave no trace; `flush` writes the result to the layer.
 */
export class RootEditor {
  /** The current state. */
  readonly tree: FileTree;
  /** Collects what is written to `tree`. */
  readonly draft: LayerDraft;
  /** The work of the script that is being followed. */
  work: ScriptWork | undefined;
  readonly #target: FileTree;
  readonly #layer: LayerDraft;

  constructor(target: FileTree, layer: LayerDraft) {
    this.#target = target;
    this.#layer = layer;
    this.tree = target.fork();
    this.draft = new LayerDraft(this.tree, target.fork());
  }

  /** Writes everything to the layer: removed paths as whiteouts, the rest as it is. Called once, at the end. */
  flush(): void {
    for (const path of [...this.draft.removed].sort()) {
      const old = this.#target.get(path);
      if (old?.type === "directory" || this.tree.get(path) === undefined) this.#layer.remove(path);
    }
    for (const path of [...this.draft.written].sort()) {
      const node = path === "" ? undefined : this.tree.get(path);
      if (node !== undefined && node !== this.#target.get(path)) this.#layer.place({ path, node, force: true, edited: true });
    }
    for (const path of this.draft.overwritten) if (this.tree.get(path) !== undefined) this.#layer.overwritten.push(path);
  }

  /** Counts work of a script; nothing is counted outside of scripts. */
  spend(amount: number): void {
    this.work?.spend(amount);
  }

  /** Names in a folder. */
  list(path: RawPath): readonly string[] {
    const names = this.tree.list(path);
    this.spend(NODE_WORK * (1 + names.length));
    return names;
  }

  /** The node at `path`, links followed. */
  node(path: RawPath): FileNode | undefined {
    const real = this.tree.follow(path);
    return real === undefined ? undefined : this.tree.get(real);
  }

  /** The node at `path`, without following a link in its last part. */
  ownNode(path: RawPath): FileNode | undefined {
    const parent = this.tree.follow(parentOf(path));
    return parent === undefined ? undefined : this.tree.get(joinRaw(parent, baseNameOf(path)));
  }

  /** A file's bytes, links followed; undefined if it does not exist or its bytes were not kept. */
  read(path: RawPath): Buffer | undefined {
    const content = this.node(path)?.content;
    this.spend(ACCESS_WORK + (content?.size ?? 0));
    if (content === undefined) return undefined;
    if (content.size === 0) return Buffer.alloc(0);
    return content.from === "bytes" ? content.bytes : undefined;
  }

  text(path: RawPath): string | undefined {
    return this.read(path)?.toString("latin1");
  }

  /** An existing file keeps its owner and mode; a new one is 0644 root. Text is latin1. */
  write(path: RawPath, content: string | Buffer, attributes: Attributes = {}): void {
    const real = this.tree.follow(path) ?? path;
    const old = this.tree.get(real);
    this.spend(2 * content.length);
    const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
    const kept =
      old?.type === "file" ? { mode: old.mode, uid: old.uid, gid: old.gid, pax: old.pax } : { mode: 0o644, uid: 0, gid: 0, pax: {} };
    const digest = digestOf(bytes);
    if (old?.type === "file" && old.content?.digest === digest && sameAttributes(old, attributes)) return;
    this.put(real, {
      ...kept,
      ...attributes,
      type: "file",
      mtime: 0,
      nanoseconds: 0,
      content: { from: "bytes", digest, size: bytes.length, bytes },
    });
  }

  link(path: RawPath, target: string): void {
    const old = this.ownNode(path);
    if (old?.type === "symlink" && old.target === target) return;
    this.put(path, { type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {}, target });
  }

  /** With its parents; an existing one stays as it is. */
  makeDirectory(path: RawPath, attributes: Attributes = {}): void {
    if (path !== "" && this.node(path)?.type !== "directory") this.put(path, { ...defaultDirectory, ...attributes });
  }

  /** Changes owner, mode or capabilities, links followed. False if nothing is there. */
  change(path: RawPath, change: Attributes & Partial<Pick<FileNode, "pax">>): boolean {
    const real = this.tree.follow(path);
    const old = real === undefined ? undefined : this.tree.get(real);
    if (real === undefined || old === undefined) return false;
    if (!sameAttributes(old, change) || change.pax !== undefined) this.put(real, { ...old, ...change }, true);
    return true;
  }

  put(path: RawPath, node: FileNode, force = false): void {
    if (this.work !== undefined && path.length > MAX_PATH) throw new DhiError("limit", `a path is longer than ${MAX_PATH} bytes`);
    this.spend(ACCESS_WORK);
    this.draft.place({ path, node, edited: true, force });
  }

  /** Removes a path and everything below it; a missing path is ignored. */
  remove(path: RawPath): void {
    const parent = this.tree.follow(parentOf(path));
    if (parent === undefined || path === "") return;
    this.draft.remove(joinRaw(parent, baseNameOf(path)));
  }
}

function sameAttributes(old: FileNode, { mode, uid, gid }: Attributes): boolean {
  return (mode ?? old.mode) === old.mode && (uid ?? old.uid) === old.uid && (gid ?? old.gid) === old.gid;
}
