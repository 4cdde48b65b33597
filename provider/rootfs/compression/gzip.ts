import { createGunzip } from "node:zlib";
import { DhiError } from "../../errors.js";
import { asBuffer, DECODED_CHUNK, decodingError, truncated } from "./decompress-bytes.js";
import { throughDecoder } from "./decompress-stream.js";

/**
 * Decodes every member. node:zlib continues with the next member itself but stops at a zero without an error: what follows is checked here.
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const input = buffers(source);
  try {
    const decoder = createGunzip({ chunkSize: DECODED_CHUNK });
    const { fed, left } = yield* throughDecoder(decoder, input);
    if (fed === 0) throw truncated("gzip");
    if (left !== undefined) expectZeros(left);
    for await (const rest of input) expectZeros(rest);
  } catch (thrown) {
    throw decodingError("gzip", thrown);
  } finally {
    await input.return(undefined);
  }
}

async function* buffers(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of source) if (chunk.length > 0) yield asBuffer(chunk);
  return undefined;
}

function expectZeros(bytes: Buffer): void {
  if (bytes.some((byte) => byte !== 0)) throw new DhiError("invalid", "the gzip data is followed by bytes that are not a gzip member");
}
