import { DhiError } from "../../errors.js";
import type { FileNode, LayerEntry, NodeType, RawPath } from "../tree/node.js";
import { encodePax, formatPaxTime } from "./pax.js";
import { baseNameOf, displayPath } from "../tree/raw-path.js";
import { BLOCK, padded } from "./limits.js";
import { formatOctal } from "./number.js";
import { trimEndOf } from "../../text/trim.js";

const typeFlags: Readonly<Record<NodeType, string>> = {
  file: "0",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Two zero blocks end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** The size of the entry's data in an archive: the whole content, including holes. */
export function dataSize(entry: LayerEntry): number {
  return "link" in entry ? 0 : (entry.node.content?.size ?? 0);
}

/**
 * The header of an entry: ustar, preceded by a pax header only when something does not fit. The same entry gives the same
 * bytes. A hard link repeats the attributes of its `target`: unpackers set owner, mode, times and xattrs again from the link's header.
 * Throws `DhiError` "invalid", naming the entry, for what tar cannot represent.
 */
export function encodeHeader(entry: LayerEntry, target?: FileNode): Buffer {
  try {
    const node = "link" in entry ? target : entry.node;
    if (node === undefined) throw new DhiError("invalid", "the hard link's target does not come before it in the layer");
    const fields = headerFields(entry, node);
    const pax = new Map(Object.entries(node.pax));
    const header = encodeBlock(fields, (key, value) => pax.set(key, value));
    if (pax.size === 0) return header;
    const records = encodePax(pax);
    const size = padded(records.length);
    return Buffer.concat([
      encodeBlock(paxFields(fields, records.length), () => undefined),
      records,
      Buffer.alloc(size - records.length),
      header,
    ]);
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    throw new DhiError(thrown.code, `tar entry ${displayPath(entry.path)}: ${thrown.message}`, thrown);
  }
}

interface Fields extends Pick<FileNode, "mode" | "uid" | "gid" | "mtime" | "nanoseconds"> {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly size: number;
  readonly device: FileNode["device"];
}

const root = { mode: 0o644, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, link: "", device: undefined };

function headerFields(entry: LayerEntry, { type, mode, uid, gid, mtime, nanoseconds, target = "", device }: FileNode): Fields {
  const owned = { mode, uid, gid, mtime, nanoseconds };
  if ("link" in entry) return { ...owned, name: entry.path, link: entry.link, type: "1", size: 0, device: undefined };
  if (entry.path === "" && type !== "directory") throw new DhiError("invalid", "only a directory can be the root");
  const name = type === "directory" ? `${entry.path === "" ? "." : entry.path}/` : entry.path;
  return { ...owned, name, link: target, type: typeFlags[type], size: dataSize(entry), device };
}

function paxFields({ name }: Fields, size: number): Fields {
  const bare = name.endsWith("/") ? name.slice(0, -1) : name;
  const shown = fallback(baseNameOf(bare), 80);
  return { ...root, name: `PaxHeaders.0/${shown}`, type: "x", size };
}

/** One block (POSIX.1-2017, pax, "ustar Interchange Format"); what does not fit goes to `overflow` as a pax record. */
function encodeBlock(fields: Fields, overflow: (key: string, value: string) => void): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number): void => {
    block.write(text, at, "latin1");
  };
  const number = (value: number, at: number, length: number, key: string): void => {
    const octal = formatOctal(value, length);
    if (octal === undefined) overflow(key, String(value));
    put(octal ?? (formatOctal(0, length) as string), at);
  };
  const [prefix, name] = splitName(fields.name) ?? ["", undefined];
  if (name === undefined) overflow("path", fields.name);
  put(name ?? fallback(fields.name, 100), 0);
  put(prefix, 345);
  if (fields.link.length > 100 || !isAscii(fields.link)) {
    overflow("linkpath", fields.link);
    put(fallback(fields.link, 100), 157);
  } else put(fields.link, 157);
  put(formatOctal(fields.mode & 0o7777, 8) as string, 100);
  number(fields.uid, 108, 8, "uid");
  number(fields.gid, 116, 8, "gid");
  number(fields.size, 124, 12, "size");
  number(fields.mtime, 136, 12, "mtime");
  if (fields.nanoseconds !== 0 || fields.mtime < 0) overflow("mtime", formatPaxTime(fields.mtime, fields.nanoseconds));
  put(fields.type, 156);
  put("ustar\x0000", 257);
  put(deviceNumber(fields.device?.major ?? 0), 329);
  put(deviceNumber(fields.device?.minor ?? 0), 337);
  block.fill(" ", 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function deviceNumber(value: number): string {
  const octal = formatOctal(value, 8);
  if (octal === undefined) throw new DhiError("invalid", `the device number ${String(value)} does not fit into tar`);
  return octal;
}

/** Prefix and name; undefined when the name needs a pax record. The split is the first that fits. */
function splitName(name: string): readonly [prefix: string, name: string] | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= 100) return ["", name];
  if (name.length > 256) return undefined;
  const slash = name.indexOf("/", name.length - 101);
  return slash > 0 && slash <= 155 && slash < name.length - 1 ? [name.slice(0, slash), name.slice(slash + 1)] : undefined;
}

function isAscii(text: string): boolean {
  return !/[^\x20-\x7e]/.test(text);
}

/** A name for readers that do not support pax: other bytes become `_`, a long name is truncated, a trailing slash stays. */
function fallback(name: RawPath, length: number): string {
  const plain = name.replace(/[^\x20-\x7e]/g, "_");
  if (plain.length <= length) return plain;
  return name.endsWith("/") ? `${trimEndOf(plain.slice(0, length - 1), "/")}/` : trimEndOf(plain.slice(0, length), "/");
}
