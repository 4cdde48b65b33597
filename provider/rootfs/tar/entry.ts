import { DhiError } from "../../errors.js";
import { redact } from "../../text/redaction.js";
import type { Extent, FileNode, NodeType, RawPath } from "../tree/node.js";
import { parsePaxNumber, parsePaxTime } from "./pax.js";
import { displayPath, fromTarName } from "../tree/raw-path.js";
import { beyondLimit, MAX_ID, MAX_PATH } from "./limits.js";
import { numberBetween } from "./number.js";
import type { TarHeader } from "./header.js";
import { keptRecords } from "./records.js";

/** An entry as read: a node without its content, or a hard link. */
export type TarEntry =
  | { readonly path: RawPath; readonly link: RawPath }
  | {
      readonly path: RawPath;
      readonly node: FileNode;
      readonly size: number;
      readonly extents: readonly Extent[];
      /** Names of the owner where the archive was made, if it has any. */
      readonly owner?: OwnerNames;
    };

export interface OwnerNames {
  readonly user: string;
  readonly group: string;
}

/** Extension headers that precede an entry's own header and override it. */
export interface TarOverrides {
  /** Pax records; the entry's own override global ones. */
  readonly pax: ReadonlyMap<string, string>;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
}

export const NO_OVERRIDES: TarOverrides = { pax: new Map(), longName: undefined, longLink: undefined };

const nodeTypes: Readonly<Record<string, NodeType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  S: "file",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  D: "directory",
  "6": "fifo",
};

/**
 * The type of node that a header describes; undefined for unknown types. A file of the old type NUL whose name ends in a slash is a directory; one of
 * type `0` stays a file, as for the runtimes, which read layers with Go's archive/tar.
 */
export function nodeType(header: TarHeader, overrides: TarOverrides): NodeType | undefined {
  return header.type === "\0" && rawName(header, overrides).endsWith("/") ? "directory" : nodeTypes[header.type];
}

/** The name as it is in the archive, for errors. */
export function rawName(header: TarHeader, { pax, longName }: TarOverrides): string {
  return longName ?? pax.get("GNU.sparse.name") ?? nonEmpty(pax.get("path")) ?? header.name;
}

/** The normalized path. Throws `DhiError` "invalid" for `..`, "limit" for a name that is too long. */
export function entryPath(header: TarHeader, overrides: TarOverrides): RawPath {
  return checkedPath(rawName(header, overrides));
}

/** The target of a hard link, normalized as a path. */
export function linkPath(header: TarHeader, overrides: TarOverrides): RawPath {
  const target = checkedPath(rawLink(header, overrides));
  if (target === "") throw new DhiError("invalid", "the hard link has no target");
  return target;
}

/** The target of a link as it is in the archive. */
export function rawLink(header: TarHeader, { pax, longLink }: TarOverrides): string {
  return longLink ?? nonEmpty(pax.get("linkpath")) ?? header.link;
}

function checkedPath(name: string): RawPath {
  if (name.length > MAX_PATH)
    throw beyondLimit(`the path ${displayPath(redact(name).slice(0, 80))}… has ${String(name.length)} bytes`, MAX_PATH);
  return fromTarName(name);
}

/** Pax names override the header's, like all pax fields; undefined when both are empty. */
export function ownerNames({ user, group }: TarHeader, { pax }: TarOverrides): OwnerNames | undefined {
  const names = { user: nonEmpty(pax.get("uname")) ?? user, group: nonEmpty(pax.get("gname")) ?? group };
  return names.user === "" && names.group === "" ? undefined : names;
}

/** All attributes of a node but its content. Throws `DhiError` "invalid" for values that a node cannot have. */
export function entryNode(type: NodeType, header: TarHeader, overrides: TarOverrides): FileNode {
  const { pax } = overrides;
  const time = pax.get("mtime") ?? "";
  const { seconds, nanoseconds } = time === "" ? { seconds: header.mtime, nanoseconds: 0 } : (parsePaxTime(time) ?? damaged("mtime", time));
  const node: FileNode = {
    type,
    mode: header.mode,
    uid: numberBetween(0, MAX_ID, paxField(pax, "uid") ?? header.uid, "uid"),
    gid: numberBetween(0, MAX_ID, paxField(pax, "gid") ?? header.gid, "gid"),
    mtime: seconds,
    nanoseconds,
    pax: keptRecords(pax),
  };
  if (type === "symlink") return { ...node, target: symlinkTarget(header, overrides) };
  return type === "character" || type === "block" ? { ...node, device: { major: header.major, minor: header.minor } } : node;
}

function symlinkTarget(header: TarHeader, overrides: TarOverrides): string {
  const target = rawLink(header, overrides);
  if (target.length > MAX_PATH) throw beyondLimit(`the link's target has ${String(target.length)} bytes`, MAX_PATH);
  if (target === "" || target.includes("\0")) throw new DhiError("invalid", "the symlink has no usable target");
  return target;
}

/** Number of bytes stored after the header, where the type has data. */
export function storedSize(header: TarHeader, { pax }: TarOverrides): number {
  return paxField(pax, "size") ?? header.size;
}

function paxField(pax: ReadonlyMap<string, string>, key: string): number | undefined {
  const text = nonEmpty(pax.get(key));
  return text === undefined ? undefined : (parsePaxNumber(text) ?? damaged(key, text));
}

function damaged(key: string, text: string): never {
  throw new DhiError("invalid", `its pax record ${key} has the invalid value ${JSON.stringify(text.slice(0, 40))}`);
}

/** An empty record cancels a global one, so that the header's own field counts (POSIX.1-2017, pax). */
function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
