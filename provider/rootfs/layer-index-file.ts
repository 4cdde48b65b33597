import { hash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DhiError } from "../errors.js";
import type { Digest } from "../image/digest.js";
import { hexOf } from "../image/digest.js";
import { decodeEntries, encodeEntries } from "./layer-index-entries.js";
import { ByteReader, ByteWriter } from "./layer-index-bytes.js";
import type { LayerIndex } from "./node.js";

/** Begins every file; the last character is the version, which changes with the format. */
const MAGIC = "dhi layer index 1";

/** A layer index as the disk cache keeps it: exact, bytes and all, compressed, with a checksum. */
export function encodeLayerIndex(index: LayerIndex): Buffer {
  const writer = new ByteWriter();
  writer.hex(hexOf(index.diffId));
  writer.number(index.size);
  encodeEntries(index.entries, writer);
  const body = zstdCompressSync(writer.finish(), { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return Buffer.concat([Buffer.from(MAGIC, "latin1"), hash("sha256", body, "buffer"), body]);
}

/** Throws `invalid` for a file of another version and for a damaged one: make it again. */
export function decodeLayerIndex(bytes: Buffer): LayerIndex {
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new DhiError("invalid", "this is no layer index of this version");
  const body = bytes.subarray(MAGIC.length + 32);
  // Node 22 decodes zstd that was cut off without an error.
  if (!hash("sha256", body, "buffer").equals(bytes.subarray(MAGIC.length, MAGIC.length + 32))) {
    throw new DhiError("invalid", "the layer index is damaged");
  }
  try {
    const reader = new ByteReader(zstdDecompressSync(body));
    const diffId = reader.digest() as Digest;
    return { diffId, size: reader.number(), entries: decodeEntries(reader) };
  } catch (cause) {
    throw new DhiError("invalid", "the layer index is damaged", { cause });
  }
}
