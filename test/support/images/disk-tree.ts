import { createHash } from "node:crypto";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { runProgram } from "./programs.js";

/** Path (latin1) to all relevant facts about it, on one line. Names of one inode refer to the first of them. */
export type Listing = Readonly<Record<string, string>>;

interface Facts {
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds. */
  readonly mtime: bigint;
  /** Hexadecimal, by name. */
  readonly xattrs: Readonly<Record<string, string>>;
  /** Digest of content, target, or device number. */
  readonly holds: string;
  /** The first name of the same inode, when there are more. */
  readonly first: string | undefined;
}

function describe({ type, mode, uid, gid, mtime, xattrs, holds, first }: Facts): string {
  const attributes = Object.entries(xattrs)
    .sort()
    .map(([name, value]) => ` ${name}=${value}`)
    .join("");
  const same = first === undefined ? "" : ` = ${first}`;
  return `${type} ${mode.toString(8)} ${uid}:${gid} ${mtime}${attributes} ${holds}${same}`;
}

const types = { file: 0o100000, directory: 0o040000, symlink: 0o120000, character: 0o020000, block: 0o060000, fifo: 0o010000 };

/** Lists what a program has unpacked into `root`. */
export async function listDisk(root: string): Promise<Listing> {
  const attributes = await readXattrs(root);
  const listing: Record<string, Facts> = {};
  const inodes = new Map<bigint, string[]>();
  const pending = [""];
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    const full = Buffer.from(path === "" ? root : `${root}/${path}`, "latin1");
    const found = await lstat(full, { bigint: true });
    const mode = Number(found.mode);
    const type = Object.entries(types).find(([, bits]) => (mode & 0o170000) === bits)?.[0] ?? "other";
    if (type === "directory")
      pending.push(...(await readdir(full, { encoding: "latin1" })).map((name) => (path === "" ? name : `${path}/${name}`)));
    else if (found.nlink > 1n) inodes.set(found.ino, [...(inodes.get(found.ino) ?? []), path]);
    let holds = "";
    if (type === "file")
      holds = createHash("sha256")
        .update(await readFile(full))
        .digest("hex");
    else if (type === "symlink") holds = await readlink(full, { encoding: "latin1" });
    else if (type === "character" || type === "block") holds = String(found.rdev);
    const fields = {
      type,
      mode: type === "symlink" ? 0o777 : mode & 0o7777,
      uid: Number(found.uid),
      gid: Number(found.gid),
      mtime: found.mtimeNs,
    };
    listing[path] = { ...fields, xattrs: attributes.get(path) ?? {}, holds, first: undefined };
  }
  return nameFirsts(listing, [...inodes.values()]);
}

/** Lists the tree under test. Hard links are names that share a node. */
export function listTree(tree: FileTree): Listing {
  const listing: Record<string, Facts> = {};
  const names = new Map<FileNode, string[]>();
  const root = tree.get("");
  for (const [path, node] of [...(root === undefined ? [] : [["", root] as const]), ...tree.walk()]) {
    if (node.type !== "directory") names.set(node, [...(names.get(node) ?? []), path]);
    const { type, mode, uid, gid, mtime, nanoseconds, pax, content, target, device } = node;
    const xattrs = Object.entries(pax).flatMap(([key, value]) =>
      key.startsWith("SCHILY.xattr.") ? [[key.slice("SCHILY.xattr.".length), Buffer.from(value, "latin1").toString("hex")] as const] : [],
    );
    const number = device === undefined ? "" : String(device.major * 256 + device.minor);
    listing[path] = {
      type,
      mode: type === "symlink" ? 0o777 : mode,
      uid,
      gid,
      mtime: BigInt(mtime) * 1_000_000_000n + BigInt(nanoseconds),
      xattrs: Object.fromEntries(xattrs),
      holds: content?.digest.slice("sha256:".length) ?? target ?? number,
      first: undefined,
    };
  }
  return nameFirsts(listing, [...names.values()]);
}

function nameFirsts(listing: Readonly<Record<string, Facts>>, groups: readonly (readonly string[])[]): Listing {
  const firsts = new Map(
    groups.filter((group) => group.length > 1).flatMap((group) => group.map((name) => [name, [...group].sort()[0]] as const)),
  );
  return Object.fromEntries(
    Object.entries(listing)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, facts]) => [path, describe({ ...facts, first: firsts.get(path) })]),
  );
}

/** getfattr(1) writes odd bytes of names as backslash and three octal digits. */
async function readXattrs(root: string): Promise<ReadonlyMap<string, Record<string, string>>> {
  const text = await runProgram("getfattr", [
    "--recursive",
    "--physical",
    "--no-dereference",
    "--dump",
    "--match=-",
    "--encoding=hex",
    "--absolute-names",
    root,
  ]);
  const found = new Map<string, Record<string, string>>();
  for (const block of text.split("\n\n").filter((part) => part.trim() !== "")) {
    const [head = "", ...lines] = block.trimStart().split("\n");
    const name = head
      .slice("# file: ".length)
      .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    const path = name === root ? "" : name.slice(root.length + 1);
    found.set(path, Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=0x") + 3)])));
  }
  return found;
}
