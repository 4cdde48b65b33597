import { createHash, hash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DhiError } from "../../errors.js";

const SUM = 32;

/** Encodes a file of the cache: its type and version (`magic`), a checksum, and the compressed body. */
export function seal(magic: string, body: Buffer): Buffer {
  const packed = zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return Buffer.concat([Buffer.from(magic, "latin1"), hash("sha256", packed, "buffer"), packed]);
}

/** The same for a body in pieces, without copying the whole: a layer's index may be large and hard to compress. */
export async function sealPieces(magic: string, body: readonly Buffer[]): Promise<readonly Buffer[]> {
  const encoder = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const packed: Buffer[] = [];
  const sum = createHash("sha256");
  await pipeline(body, encoder, async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) {
      sum.update(piece);
      packed.push(piece);
    }
  });
  return [Buffer.from(magic, "latin1"), sum.digest(), ...packed];
}

/**
 * The body of a file that `seal` or `sealPieces` made with the same `magic`. Throws `DhiError` "invalid" for another version and for a
 * damaged file.
 */
export function unseal(magic: string, bytes: Buffer, what: string): Buffer {
  if (bytes.toString("latin1", 0, magic.length) !== magic) throw new DhiError("invalid", `this is not a ${what} of this version`);
  const packed = bytes.subarray(magic.length + SUM);
  // Node 22 decodes truncated zstd without an error.
  if (!hash("sha256", packed, "buffer").equals(bytes.subarray(magic.length, magic.length + SUM)))
    throw new DhiError("invalid", `the ${what} is damaged`);
  return zstdDecompressSync(packed);
}
