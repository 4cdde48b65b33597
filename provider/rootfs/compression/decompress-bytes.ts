import { DhiError } from "../../errors.js";

/** Bytes that a decoder yields at a time. */
export const DECODED_CHUNK = 256 * 1024;

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Converts an error of node:zlib to a `DhiError`; returns any other as it is. */
export function decodingError(format: "gzip" | "zstd", thrown: unknown): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "Z_BUF_ERROR") return truncated(format, thrown);
  if (!code.startsWith("Z_") && !code.startsWith("ZSTD_")) return thrown;
  return new DhiError("invalid", `the ${format} data is damaged: ${(thrown as Error).message}`, { cause: thrown });
}

export function truncated(format: "gzip" | "zstd", cause?: unknown): DhiError {
  return new DhiError("mismatch", `the ${format} data is truncated`, { cause });
}
