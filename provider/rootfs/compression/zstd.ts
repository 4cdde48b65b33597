import { promisify } from "node:util";
import { createZstdDecompress, zstdDecompress, zstdDecompressSync } from "node:zlib";
import { DhiError } from "../../errors.js";
import { asBuffer, DECODED_CHUNK, decodingError, truncated } from "./decompress-bytes.js";
import { throughDecoder } from "./decompress-stream.js";
import type { FramePiece } from "./zstd-frames.js";
import { ZstdFrames } from "./zstd-frames.js";

const decode = promisify(zstdDecompress);

/** Frames whose bytes, encoded and decoded, do not exceed this are decoded in one call: some writers write a frame for every file. */
const WHOLE = 512 * 1024;
/** Below this size, switching to another thread costs more than the decoding. */
const AT_ONCE = 32 * 1024;

/** Decodes every frame. node:zlib stops after the first one without an error, so each gets a decoder of its own. */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const pieces = framePieces(source);
  let frames = 0;
  try {
    for (;;) {
      const first = await pieces.next();
      if (first.done === true) break;
      frames += 1;
      const size = first.value.contentSize;
      const frame = restOfFrame(first.value, pieces);
      if (size !== undefined && size <= WHOLE) yield await decodeWhole(frame, size);
      else yield* decodeStreamed(frame, size);
    }
  } catch (thrown) {
    throw decodingError("zstd", thrown);
  } finally {
    await pieces.return(undefined);
  }
  if (frames === 0) throw truncated("zstd");
}

async function* framePieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<FramePiece, undefined> {
  const frames = new ZstdFrames();
  for await (const chunk of source) yield* frames.take(asBuffer(chunk));
  if (!frames.between) throw truncated("zstd");
  return undefined;
}

async function* restOfFrame(first: FramePiece, pieces: AsyncIterator<FramePiece, undefined>): AsyncGenerator<Buffer, undefined> {
  for (let piece = first; ;) {
    yield piece.bytes;
    if (piece.end) return undefined;
    const next = await pieces.next();
    if (next.done === true) throw truncated("zstd");
    piece = next.value;
  }
}

async function decodeWhole(frame: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of frame) {
    pieces.push(piece);
    length += piece.length;
    if (length > 2 * WHOLE) throw new DhiError("invalid", `a zstd frame of ${String(size)} bytes decodes to more than ${String(length)}`);
  }
  const options = { chunkSize: Math.max(size, 1024), maxOutputLength: size + 1 };
  const bytes = Buffer.concat(pieces, length);
  const decoded = size <= AT_ONCE ? zstdDecompressSync(bytes, options) : await decode(bytes, options);
  checkSize(decoded.length, size);
  return decoded;
}

async function* decodeStreamed(frame: AsyncGenerator<Buffer, undefined>, size: number | undefined): AsyncGenerator<Buffer> {
  const decoder = createZstdDecompress({ chunkSize: DECODED_CHUNK });
  let length = 0;
  const decoded = throughDecoder(decoder, frame);
  for await (const chunk of decoded) {
    length += chunk.length;
    yield chunk;
  }
  // The decoder ended before its frame: the decoder and `ZstdFrames` disagree about the format.
  for await (const rest of frame) if (rest.length > 0) throw new DhiError("invalid", "a zstd frame ends before its last block");
  if (size !== undefined) checkSize(length, size);
}

function checkSize(length: number, stated: number): void {
  if (length !== stated) throw new DhiError("invalid", `a zstd frame has ${String(length)} bytes but states ${String(stated)}`);
}
