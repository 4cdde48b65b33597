import { DhiError } from "../errors.js";
import type { LayerCompression } from "../image/media-types.js";
import { gunzip } from "./decompress-gzip.js";
import { unzstd } from "./decompress-zstd.js";

/** Bytes that a decoder hands on at a time. */
export const DECODED_CHUNK = 256 * 1024;

/**
 * The decoded bytes of `source`, read to its last byte: every gzip member (RFC 1952, 2.2), every zstd frame (RFC 8878, 3).
 * Memory stays bounded whatever the sizes. Throws `mismatch` when the source is cut off, `invalid` for damage and for bytes
 * that belong to nothing; zeros after the last gzip member are padding.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>, compression: LayerCompression): AsyncGenerator<Buffer> {
  switch (compression) {
    case "gzip":
      yield* gunzip(source);
      return;
    case "zstd":
      yield* unzstd(source);
      return;
    case "none":
      for await (const chunk of source) yield asBuffer(chunk);
  }
}

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An error of node:zlib as ours; any other as it is. */
export function decodingError(format: "gzip" | "zstd", thrown: unknown): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "Z_BUF_ERROR") return cutOff(format, thrown);
  if (!code.startsWith("Z_") && !code.startsWith("ZSTD_")) return thrown;
  return new DhiError("invalid", `the ${format} data is damaged: ${(thrown as Error).message}`, { cause: thrown });
}

export function cutOff(format: "gzip" | "zstd", cause?: unknown): DhiError {
  return new DhiError("mismatch", `the ${format} data is cut off`, { cause });
}
