import type { Transform } from "node:stream";
import { constants, createDeflateRaw, createZstdCompress } from "node:zlib";
import { releaseBuffer } from "./release-bytes.js";

export type Compression = "gzip" | "zstd";

/** The levels that layers are compressed with; they are part of the layout version. */
export const COMPRESSION_LEVEL: Readonly<Record<Compression, number>> = { gzip: 6, zstd: 3 };

/**
 * Compresses one segment, in one job of libuv's thread pool; the result depends on the segment alone. A gzip segment is a series of
 * raw deflate blocks that ends with a full flush, so that segments can be concatenated into one member; a zstd segment is one
 * frame with its content size.
 */
export async function compressSegment(segment: Buffer, compression: Compression): Promise<Buffer> {
  // The output buffer must never fill up: zlib would repeat its flush marker (zlib.h, deflate).
  const chunkSize = segment.length + (segment.length >> 3) + 1024;
  if (compression === "gzip")
    return through(createDeflateRaw({ level: COMPRESSION_LEVEL.gzip, finishFlush: constants.Z_FULL_FLUSH, chunkSize }), segment);
  const zstd = createZstdCompress({
    chunkSize,
    pledgedSrcSize: segment.length,
    params: {
      [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL.zstd,
      [constants.ZSTD_c_contentSizeFlag]: 1,
      [constants.ZSTD_c_checksumFlag]: 0,
    },
  });
  return through(zstd, segment);
}

/** Like node:zlib's own functions, but releases the output buffer, which never fills up, instead of leaving it to the garbage collector. */
async function through(encoder: Transform, segment: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    encoder.on("data", (piece: Buffer) => pieces.push(piece)).once("error", reject);
    encoder.once("end", resolve).end(segment);
  });
  const compressed = Buffer.concat(pieces);
  for (const { buffer } of pieces) releaseBuffer(buffer);
  return compressed;
}

/** Before the first gzip segment (RFC 1952, 2.3): deflate, no flags, no time, no compression level, unknown system. */
export const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** After the last gzip segment: an empty final block, then CRC-32 and length (modulo 2^32) of all that was compressed. */
export function gzipTrailer(crc: number, length: number): Buffer {
  const trailer = Buffer.alloc(10);
  // Final bit, fixed Huffman codes, end of block (RFC 1951, 3.2.3).
  trailer.writeUInt16LE(0x0003, 0);
  trailer.writeUInt32LE(crc, 2);
  trailer.writeUInt32LE(length % 2 ** 32, 6);
  return trailer;
}
