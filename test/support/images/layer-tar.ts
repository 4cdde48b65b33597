import { archive, headerBlock, paxHeader, withData } from "../tar/archive.js";

/** An entry of a layer, as a test writes it. Paths, targets, contents and xattrs are bytes, one character a byte. */
export interface Item {
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "link" | "character" | "fifo" | "sparse";
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds; a string may have a fraction. Default 1,600,000,000. */
  readonly mtime?: number | string;
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly content?: string | Buffer;
  readonly target?: string;
}

type Fields = Omit<Item, "path" | "type" | "content" | "target">;

export const directory = (path: string, fields: Fields = {}): Item => ({ path, type: "directory", mode: 0o755, ...fields });
export const file = (path: string, content: string | Buffer = path, fields: Fields = {}): Item => ({
  path,
  type: "file",
  content,
  ...fields,
});
export const symlink = (path: string, target: string, fields: Fields = {}): Item => ({
  path,
  type: "symlink",
  mode: 0o777,
  target,
  ...fields,
});
/** A hard link. It repeats its target's attributes, as tar programs write it. */
export const link = (path: string, target: string, fields: Fields = {}): Item => ({ path, type: "link", target, ...fields });
export const whiteout = (path: string): Item => file(path.replace(/([^/]+)$/, ".wh.$1"), "");
export const opaque = (path: string): Item => file(`${path}/.wh..wh..opq`, "");

/** A file that begins with a hole of 1 MiB, in GNU's pax format 1.0. */
export const sparse = (path: string, content: string): Item => ({ path, type: "sparse", content });
const hole = 1 << 20;

const flags = { sparse: "0", file: "0", link: "1", symlink: "2", character: "3", directory: "5", fifo: "6" } as const;

/** A layer's tar, written field by field and not by the writer under test. */
export function layerTar(items: readonly Item[]): Buffer {
  return archive(...items.flatMap(encodeItem));
}

function encodeItem(item: Item): readonly Buffer[] {
  const { path, type, mode = 0o644, uid = 0, gid = 0, mtime = 1_600_000_000, xattrs = {}, content = "", target = "" } = item;
  const name = type === "directory" ? `${path}/` : path;
  const records: (readonly [string, string])[] = Object.entries(xattrs).map(([key, value]) => [`SCHILY.xattr.${key}`, value]);
  if (name.length > 100 || !isAscii(name)) records.push(["path", name]);
  if (target.length > 100 || !isAscii(target)) records.push(["linkpath", target]);
  if (typeof mtime === "string") records.push(["mtime", mtime]);
  const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
  if (type === "sparse") {
    records.push(
      ["GNU.sparse.major", "1"],
      ["GNU.sparse.minor", "0"],
      ["GNU.sparse.name", name],
      ["GNU.sparse.realsize", String(hole + bytes.length)],
    );
  }
  const data = type === "sparse" ? Buffer.concat([sparseMap(bytes.length), bytes]) : bytes;
  const block = {
    name: name.slice(0, 100),
    type: flags[type],
    mode,
    uid,
    mtime: Math.max(0, Math.floor(Number(mtime))),
    link: target.slice(0, 100),
    patches: [[116, `${gid.toString(8).padStart(7, "0")}\0`]] as const,
    ...(type === "character" ? { device: [1, 3] as const } : {}),
  };
  const hasData = type === "file" || type === "sparse";
  return [...(records.length === 0 ? [] : [paxHeader(records)]), hasData ? withData(block, data) : headerBlock(block)];
}

function sparseMap(length: number): Buffer {
  const map = Buffer.alloc(512);
  map.write(`1\n${hole}\n${length}\n`);
  return map;
}

function isAscii(text: string): boolean {
  return !/[^\x20-\x7e]/.test(text);
}
