import { DhiError } from "../errors.js";
import type { Digest } from "../image/digest.js";
import { hexOf } from "../image/digest.js";
import { decodeEntries, encodeEntries } from "./layer-index-entries.js";
import { ByteReader, ByteWriter } from "./layer-index-bytes.js";
import type { LayerIndex } from "./node.js";
import { seal, unseal } from "./sealed.js";

/** Begins every file; the last character is the version, which changes with the format. */
const MAGIC = "dhi layer index 1";

/** A layer index as the disk cache keeps it: exact, bytes and all, compressed, with a checksum. */
export function encodeLayerIndex(index: LayerIndex): Buffer {
  const writer = new ByteWriter();
  writer.hex(hexOf(index.diffId));
  writer.number(index.size);
  encodeEntries(index.entries, writer);
  return seal(MAGIC, writer.finish());
}

/** Throws `invalid` for a file of another version and for a damaged one: make it again. */
export function decodeLayerIndex(bytes: Buffer): LayerIndex {
  const body = unseal(MAGIC, bytes, "layer index");
  try {
    const reader = new ByteReader(body);
    const diffId = reader.digest() as Digest;
    return { diffId, size: reader.number(), entries: decodeEntries(reader) };
  } catch (cause) {
    throw new DhiError("invalid", "the layer index is damaged", { cause });
  }
}
