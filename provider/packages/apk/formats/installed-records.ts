import { createHash } from "node:crypto";
import { digestOf } from "../../../image/digest.js";
import type { FileNode } from "../../../rootfs/tree/node.js";
import type { OwnerNames } from "../../../rootfs/tar/entry.js";

const checksumRecord = "APK-TOOLS.checksum.SHA1";
const userRecord = "uname";
const groupRecord = "gname";
const xattr = "SCHILY.xattr.";

/** What an unpacked entry of a package has beyond the node of a file tree. */
export interface PackageRecords {
  /** SHA-1 of a file's content or a link's target, lower-case hex. */
  readonly sha1?: string | undefined;
  /** apk looks accounts up by name when it installs; ids count only without a name. */
  readonly owner?: OwnerNames | undefined;
}

/** Adds them as pax records, which `takeRecords` removes again before the node goes into a layer. */
export function withRecords(node: FileNode, { sha1, owner }: PackageRecords): FileNode {
  const records = {
    ...(sha1 === undefined ? {} : { [checksumRecord]: sha1 }),
    ...(owner === undefined ? {} : { [userRecord]: owner.user, [groupRecord]: owner.group }),
  };
  return { ...node, pax: { ...node.pax, ...records } };
}

export function takeRecords(node: FileNode): PackageRecords & { readonly node: FileNode } {
  const { [checksumRecord]: sha1, [userRecord]: user, [groupRecord]: group, ...pax } = node.pax;
  const owner = user === undefined && group === undefined ? undefined : { user: user ?? "", group: group ?? "" };
  const plain = { ...node, pax };
  return { node: plain, sha1: sha1 ?? sha1Of(plain), owner };
}

/** SHA-1 as apk writes it; undefined when the bytes are not known. */
export function sha1Of({ type, target, content }: FileNode): string | undefined {
  if (type === "symlink") return hex(target ?? "");
  if (content === undefined || (content.size > 0 && content.from !== "bytes")) return undefined;
  return hex(content.from === "bytes" ? content.bytes : "");
}

/**
 * Whether a node has the checksum that the database recorded: `Q1` is SHA-1; `Q2` the first 160 bits of SHA-256, as in apk 3.
 * False when nothing was recorded, or the bytes are not known.
 */
export function hasChecksum(node: FileNode, recorded: string | undefined): boolean {
  if (recorded?.startsWith("Q2") === true) return sha256Start(node) === recorded;
  const sha1 = recorded === undefined ? undefined : sha1Of(node);
  return sha1 !== undefined && formatChecksum(sha1) === recorded;
}

function sha256Start({ type, target, content }: FileNode): string | undefined {
  const digest = type === "symlink" ? digestOf(Buffer.from(target ?? "", "latin1")) : content?.digest;
  return digest === undefined ? undefined : `Q2${Buffer.from(digest.slice("sha256:".length), "hex").subarray(0, 20).toString("base64")}`;
}

export function formatChecksum(sha1: string): string {
  return `Q1${Buffer.from(sha1, "hex").toString("base64")}`;
}

/** `uid:gid:mode`, with the checksum of any xattrs: of names and values, each after its length (32 bits, big endian). */
export function formatAttributes({ mode, uid, gid, pax }: FileNode): string {
  const xattrs = Object.entries(pax)
    .filter(([key]) => key.startsWith(xattr))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => [key.slice(xattr.length), value].flatMap((part) => [lengthOf(part), Buffer.from(part, "latin1")]));
  const owned = `${String(uid)}:${String(gid)}:${mode.toString(8)}`;
  return xattrs.length === 0 ? owned : `${owned}:${formatChecksum(hex(Buffer.concat(xattrs)))}`;
}

function lengthOf(part: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(part.length);
  return bytes;
}

function hex(bytes: string | Buffer): string {
  return createHash("sha1")
    .update(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes)
    .digest("hex");
}
