/**
 * Gives memory back now: a collector that sees few small objects lets 64 MiB of what stands behind them come together first. For
 * whoever made it alone; nobody may look at it afterwards. Buffers that Node may have put into its pool are left alone; `pooled`
 * is false for what certainly is not of it.
 */
export function releaseBuffer(buffer: ArrayBufferLike, pooled = true): void {
  if (buffer instanceof ArrayBuffer && !(pooled && buffer.byteLength <= Buffer.poolSize)) buffer.transfer(0);
}

/** The same for a piece from a decoder, which may still write behind it where it does not reach to the end of its buffer. */
export function releaseBytes({ buffer, byteOffset, byteLength }: Uint8Array): void {
  if (byteOffset + byteLength === buffer.byteLength) releaseBuffer(buffer);
}
