import type { Digest } from "../../image/digest.js";
import { hexOf } from "../../image/digest.js";
import type { ByteReader, ByteWriter } from "./index-bytes.js";
import type { Content, Extent, FileNode, LayerEntry, NodeType } from "../tree/node.js";
import type { Steps } from "../steps.js";
import { NO_RECORDS } from "../tar/records.js";

const types: readonly NodeType[] = ["file", "directory", "symlink", "character", "block", "fifo"];
const LINK = 6;
/** What the first number of an entry encodes besides the type. */
const CONTENT = 8;
const PAX = 16;
const NANOSECONDS = 32;
const contentSources: readonly Content["from"][] = ["bytes", "layer", "disk"];

export function encodeEntries(entries: readonly LayerEntry[], writer: ByteWriter): void {
  const blobs = new Map<Digest, number>();
  writer.number(entries.length);
  for (const entry of entries) {
    if ("link" in entry) {
      writer.number(LINK);
      writer.text(entry.path);
      writer.text(entry.link);
    } else {
      encodeNode(entry.path, entry.node, blobs, writer);
    }
  }
}

function encodeNode(path: string, node: FileNode, blobs: Map<Digest, number>, writer: ByteWriter): void {
  const pax = Object.entries(node.pax);
  const flags = (node.content === undefined ? 0 : CONTENT) + (pax.length === 0 ? 0 : PAX) + (node.nanoseconds === 0 ? 0 : NANOSECONDS);
  writer.number(types.indexOf(node.type) + flags);
  writer.text(path);
  writer.number(node.mode);
  writer.number(node.uid);
  writer.number(node.gid);
  writer.signed(node.mtime);
  if (node.nanoseconds !== 0) writer.number(node.nanoseconds);
  if (pax.length > 0) {
    writer.number(pax.length);
    for (const [key, value] of pax) {
      writer.text(key);
      writer.text(value);
    }
  }
  if (node.type === "symlink") writer.text(node.target ?? "");
  if (node.type === "character" || node.type === "block") {
    writer.number(node.device?.major ?? 0);
    writer.number(node.device?.minor ?? 0);
  }
  if (node.content !== undefined) encodeContent(node.content, blobs, writer);
}

function encodeContent(content: Content, blobs: Map<Digest, number>, writer: ByteWriter): void {
  writer.number(contentSources.indexOf(content.from));
  writer.hex(hexOf(content.digest));
  writer.number(content.size);
  switch (content.from) {
    case "bytes":
      writer.bytes(content.bytes);
      return;
    case "disk":
      // The name of a local file is a JavaScript string, not bytes.
      writer.text(Buffer.from(content.file, "utf8").toString("latin1"));
      return;
    case "layer": {
      const known = blobs.get(content.blob) ?? blobs.size;
      writer.number(known);
      if (known === blobs.size) {
        blobs.set(content.blob, known);
        writer.hex(hexOf(content.blob));
      }
      writer.number(content.extents.length);
      for (const { offset, length, position } of content.extents) {
        writer.number(offset);
        writer.number(length);
        writer.number(position);
      }
    }
  }
}

export function* decodeEntries(reader: ByteReader): Steps<LayerEntry[]> {
  const blobs: Digest[] = [];
  const entries: LayerEntry[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    yield;
    const tag = reader.number();
    const path = reader.text();
    entries.push(tag === LINK ? { path, link: reader.text() } : { path, node: decodeNode(tag, blobs, reader) });
  }
  return entries;
}

function decodeNode(tag: number, blobs: Digest[], reader: ByteReader): FileNode {
  const type = types[tag % 8];
  if (type === undefined) throw new RangeError("an unknown type");
  const mode = reader.number();
  const uid = reader.number();
  const gid = reader.number();
  const mtime = reader.signed();
  const nanoseconds = (tag & NANOSECONDS) === 0 ? 0 : reader.number();
  const pax = (tag & PAX) === 0 ? NO_RECORDS : decodePax(reader);
  // Written out: copying a node to add a field takes as long as all the rest.
  if (type === "symlink") return { type, mode, uid, gid, mtime, nanoseconds, pax, target: reader.text() };
  if (type === "character" || type === "block") {
    return { type, mode, uid, gid, mtime, nanoseconds, pax, device: { major: reader.number(), minor: reader.number() } };
  }
  if ((tag & CONTENT) === 0) return { type, mode, uid, gid, mtime, nanoseconds, pax };
  return { type, mode, uid, gid, mtime, nanoseconds, pax, content: decodeContent(blobs, reader) };
}

function decodePax(reader: ByteReader): FileNode["pax"] {
  const pax: Record<string, string> = {};
  for (let left = reader.number(); left > 0; left -= 1) {
    const key = reader.text();
    pax[key] = reader.text();
  }
  return pax;
}

function decodeContent(blobs: Digest[], reader: ByteReader): Content {
  const from = contentSources[reader.number()];
  const digest = reader.digest() as Digest;
  const size = reader.number();
  if (from === "bytes") return { from, digest, size, bytes: reader.bytes(size) };
  if (from === "disk") return { from, digest, size, file: Buffer.from(reader.text(), "latin1").toString("utf8") };
  const known = reader.number();
  if (known === blobs.length) blobs.push(reader.digest() as Digest);
  const blob = blobs[known];
  if (from === undefined || blob === undefined) throw new RangeError("an unknown content");
  const extents: Extent[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    extents.push({ offset: reader.number(), length: reader.number(), position: reader.number() });
  }
  return { from, digest, size, blob, extents };
}
