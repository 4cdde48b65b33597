/**
 * Releases memory now: the garbage collector sees only small objects and lets 64 MiB of backing memory pile up first. Only for
 * buffers that the caller created and nobody reads afterwards. Buffers that may be part of Node's pool are left alone; pass `pooled`
 * false for one that certainly is not.
 */
export function releaseBuffer(buffer: ArrayBufferLike, pooled = true): void {
  if (buffer instanceof ArrayBuffer && !(pooled && buffer.byteLength <= Buffer.poolSize)) buffer.transfer(0);
}

/** The same for a chunk from a decoder, which may still write behind it where the chunk does not reach the end of its buffer. */
export function releaseBytes({ buffer, byteOffset, byteLength }: Uint8Array): void {
  if (byteOffset + byteLength === buffer.byteLength) releaseBuffer(buffer);
}
