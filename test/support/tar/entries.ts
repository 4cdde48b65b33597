import fc from "fast-check";
import { digestOf } from "../../../provider/image/digest.js";
import type { Content, FileNode, LayerEntry } from "../../../provider/rootfs/tree/node.js";

/** A file's content in memory. */
export function bytesContent(bytes: string | Buffer): Extract<Content, { from: "bytes" }> {
  const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  return { from: "bytes", digest: digestOf(buffer), size: buffer.length, bytes: buffer };
}

export const plain: Omit<FileNode, "type"> = { mode: 0o644, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {} };

export function fileEntry(path: string, bytes: string | Buffer, node: Partial<FileNode> = {}): LayerEntry & { node: FileNode } {
  return { path, node: { ...plain, ...node, type: "file", content: bytesContent(bytes) } };
}

/** Any byte but NUL and slash, except `.` and `..`; often longer than tar's fields. */
const part = fc
  .oneof(
    fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom("a", "b", ".", "é"), minLength: 1, maxLength: 130 }),
  )
  .map((text) => text.replaceAll("/", "-").replace(/[^\x01-\xff]/g, "-"))
  .filter((text) => text !== "." && text !== "..");

export const anyPath = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));

const byteString = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

const anyPax = fc.dictionary(fc.stringMatching(/^SCHILY\.(xattr|acl)\.[a-z0-9._-]{1,40}$/), byteString, {
  maxKeys: 3,
  noNullPrototype: true,
});

const meta = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.oneof(fc.nat(5000), fc.integer({ min: 0, max: 2 ** 32 - 2 })),
  gid: fc.oneof(fc.nat(5000), fc.integer({ min: 0, max: 2 ** 32 - 2 })),
  mtime: fc.oneof(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.nat(2 ** 31)),
  nanoseconds: fc.oneof(fc.constant(0), fc.nat(999_999_999)),
  pax: anyPax,
});

const kind = fc.oneof(
  fc.uint8Array({ maxLength: 1500 }).map((bytes): Partial<FileNode> => ({ type: "file", content: bytesContent(Buffer.from(bytes)) })),
  fc.constant<Partial<FileNode>>({ type: "directory" }),
  fc.constant<Partial<FileNode>>({ type: "fifo" }),
  anyPath.map((target): Partial<FileNode> => ({ type: "symlink", target: `../${target}` })),
  fc
    .record({ type: fc.constantFrom("character" as const, "block" as const), major: fc.nat(4095), minor: fc.nat(2 ** 20) })
    .map(({ type, major, minor }): Partial<FileNode> => ({ type, device: { major, minor } })),
);

const anyNode = fc.tuple(meta, kind).map(([fields, rest]) => ({ ...fields, ...rest }) as FileNode);

/** Entries of a layer: each path once, links only to earlier entries. */
export const anyEntries = fc
  .array(fc.record({ path: anyPath, node: anyNode, link: fc.option(fc.nat(20)) }), { maxLength: 12 })
  .map((drafts) => {
    const entries = new Map<string, LayerEntry>();
    for (const { path, node, link } of drafts) {
      if (entries.has(path)) continue;
      const target = link === null ? undefined : [...entries.values()].filter((e) => "node" in e && e.node.type !== "directory")[link];
      entries.set(path, target === undefined ? { path, node } : { path, link: target.path });
    }
    return [...entries.values()];
  });
