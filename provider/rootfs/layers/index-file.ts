import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { hexOf } from "../../image/digest.js";
import type { LayerCompression } from "../../image/media-types.js";
import { decodeEntries, encodeEntries } from "./index-entries.js";
import { ByteReader, ByteWriter } from "./index-bytes.js";
import type { LayerIndex } from "../tree/node.js";
import { sealPieces, unseal } from "./sealed.js";
import type { Steps } from "../steps.js";

/** The first bytes of every file; the last character is the version, which changes with the format. */
const MAGIC = "dhi layer index 2";
const compressions: readonly LayerCompression[] = ["none", "gzip", "zstd"];

/** Encodes a layer index for the disk cache, in pieces: lossless, including kept bytes, compressed, with a checksum. */
export async function encodeLayerIndex(index: LayerIndex): Promise<readonly Buffer[]> {
  const writer = new ByteWriter();
  writer.hex(hexOf(index.diffId));
  writer.number(index.size);
  writer.number(index.blobSize);
  writer.number(compressions.indexOf(index.compression));
  encodeEntries(index.entries, writer);
  return sealPieces(MAGIC, writer.pieces());
}

/** Throws `DhiError` "invalid" for a file of another version and for a damaged one; the caller builds the index again. */
export function* decodeLayerIndex(bytes: Buffer): Steps<LayerIndex> {
  const body = unseal(MAGIC, bytes, "layer index");
  try {
    const reader = new ByteReader(body);
    const diffId = reader.digest() as Digest;
    const [size, blobSize, compression] = [reader.number(), reader.number(), compressions[reader.number()]];
    if (compression === undefined) throw new RangeError("an unknown compression");
    return { diffId, size, blobSize, compression, entries: yield* decodeEntries(reader) };
  } catch (cause) {
    throw new DhiError("invalid", "the layer index is damaged", { cause });
  }
}
