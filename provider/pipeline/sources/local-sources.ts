import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DhiError } from "../../errors.js";
import { digestFrom, digestOf, type Digest } from "../../image/digest.js";
import { defaultDirectory, FileTree } from "../../rootfs/tree/file-tree.js";
import type { FileNode, RawPath } from "../../rootfs/tree/node.js";
import { displayPath, joinRaw } from "../../rootfs/tree/raw-path.js";
import { parsePathPattern } from "../../rootfs/select/path-pattern.js";
import { selectPaths, type Selection } from "../../rootfs/select/selection.js";
import { inTurns } from "../../rootfs/steps.js";
import type { ImageInputs, Directory } from "../spec/image-inputs.js";

const wholeTree = parsePathPattern("/");

/** A local directory: the selected paths, and the whole tree for the attributes of parent directories. */
export interface LocalTree {
  readonly tree: FileTree;
  readonly selection: Selection;
}

/** The current content of the declared local sources, in the order of `files` and `directories`. */
export interface LocalSources {
  readonly files: readonly FileNode[];
  readonly directories: readonly (LocalTree | undefined)[];
  /** The digest of the selected content, by the source as declared. */
  readonly digests: Readonly<Record<string, Digest>>;
}

const executable = 0o100;

/**
 * Reads the sources of `files` and `directories`. Only content and the executable bit matter, not owner, mode or times.
 * Throws `DhiError` "not-found" or "invalid" with the property.
 */
export async function readLocalSources(projectDirectory: string, inputs: ImageInputs, signal?: AbortSignal): Promise<LocalSources> {
  const lines = new Map<string, string[]>();
  const note = (source: string, line: string): void => {
    const known = lines.get(source);
    if (known === undefined) lines.set(source, [line]);
    else known.push(line);
  };
  const files: FileNode[] = [];
  for (const [at, { source }] of (inputs.files ?? []).entries()) {
    const node = await readLocalFile(resolve(projectDirectory, source), source, `files[${String(at)}].source`);
    files.push(node);
    note(source, describeNode("", node));
  }
  const directories: (LocalTree | undefined)[] = [];
  for (const [at, directory] of (inputs.directories ?? []).entries()) {
    const property = `directories[${String(at)}]`;
    const { source } = directory;
    const taken =
      source === undefined ? undefined : await readLocalTree(resolve(projectDirectory, source), { ...directory, source }, property, signal);
    directories.push(taken);
    for (const [path, node] of taken?.selection.taken ?? []) note(source ?? "", describeNode(path, node));
    if (taken !== undefined && !lines.has(source ?? "")) lines.set(source ?? "", []);
  }
  const digests = [...lines]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, taken]) => [source, digestOf(taken.sort().join("\n"))] as const);
  return { files, directories, digests: Object.fromEntries(digests) };
}

async function readLocalFile(path: string, source: string, property: string): Promise<FileNode> {
  const found = await withSource(stat(path), source, property);
  if (!found.isFile())
    throw new DhiError("invalid", `"${source}" is ${found.isDirectory() ? "a directory" : "not a file"}`, {
      property,
      hint: "Use a file, or declare it in directories",
    });
  return withSource(fileNode(Buffer.from(path).toString("latin1"), found.mode), source, property);
}

async function readLocalTree(
  root: string,
  { source, includes, excludes }: Directory & { readonly source: string },
  property: string,
  signal: AbortSignal | undefined,
): Promise<LocalTree> {
  const found = await withSource(stat(root), source, `${property}.source`);
  if (!found.isDirectory())
    throw new DhiError("invalid", `"${source}" is not a directory`, {
      property: `${property}.source`,
      hint: "Use a directory, or declare it in files",
    });
  const names = await withSource(listTree(Buffer.from(root).toString("latin1")), source, `${property}.source`);
  let selection: Selection;
  try {
    selection = await inTurns(selectPaths(names, includes ?? [wholeTree], excludes ?? []), signal);
  } catch (thrown) {
    throw thrown instanceof DhiError
      ? new DhiError(thrown.code, `${thrown.message} in ${source}`, {
          property: `${property}.${thrown.property ?? "includes"}`,
          hint: thrown.hint,
        })
      : thrown;
  }
  const taken: (readonly [RawPath, FileNode])[] = [];
  for (const [path, node] of selection.taken) {
    if (node.type === "fifo") {
      throw new DhiError("invalid", `${displayPath(path)} is not a file, directory or symbolic link`, {
        property: `${property}.source`,
        hint: "Exclude it",
      });
    }
    const file = joinRaw(Buffer.from(root).toString("latin1"), path);
    taken.push([path, node.type === "file" ? await withSource(fileNode(file, node.mode), source, `${property}.source`) : node]);
  }
  return { tree: names, selection: { ...selection, taken } };
}

/** Names, types and link targets. Content is read later, and only of selected files. */
async function listTree(root: string): Promise<FileTree> {
  const tree = new FileTree();
  const pending: RawPath[] = [""];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const name of (await readdir(diskPath(root, path), { encoding: "latin1" })).sort()) {
      const child = joinRaw(path, name);
      const found = await lstat(diskPath(root, child));
      if (found.isDirectory()) pending.push(child);
      tree.set(child, await listedNode(diskPath(root, child), found));
    }
  }
  return tree;
}

async function listedNode(path: Buffer, found: Awaited<ReturnType<typeof lstat>>): Promise<FileNode> {
  if (found.isDirectory()) return defaultDirectory;
  const common = { uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {} };
  if (found.isSymbolicLink()) return { ...common, type: "symlink", mode: 0o777, target: await readlink(path, { encoding: "latin1" }) };
  // Sockets and devices are listed so that they are rejected unless they are excluded.
  return { ...common, type: found.isFile() ? "file" : "fifo", mode: modeOf(Number(found.mode)) };
}

async function fileNode(file: string, mode: number): Promise<FileNode> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(Buffer.from(file, "latin1"), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  const content = { from: "disk", digest: digestFrom(hash), size, file } as const;
  return { type: "file", mode: modeOf(mode), uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {}, content };
}

function modeOf(mode: number): number {
  return (mode & executable) === 0 ? 0o644 : 0o755;
}

function describeNode(path: RawPath, node: FileNode): string {
  return JSON.stringify([path, node.type, node.mode, node.content?.digest ?? node.target ?? ""]);
}

function diskPath(root: string, path: RawPath): Buffer {
  return Buffer.from(path === "" ? root : `${root}/${path}`, "latin1");
}

/** Adds the declared source and its property to errors of the file system. */
async function withSource<T>(work: Promise<T>, source: string, property: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof DhiError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new DhiError("not-found", `"${source}" does not exist`, { property, hint: "Paths are relative to the Pulumi project", cause });
    }
    throw new DhiError("invalid", `"${source}" cannot be read: ${code ?? String(cause)}`, { property, cause });
  }
}
