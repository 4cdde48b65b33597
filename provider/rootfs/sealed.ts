import { hash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { DhiError } from "../errors.js";

const SUM = 32;

/** A file of the cache: what it is and in which version (`magic`), a checksum, and the body compressed. */
export function seal(magic: string, body: Buffer): Buffer {
  const packed = zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return Buffer.concat([Buffer.from(magic, "latin1"), hash("sha256", packed, "buffer"), packed]);
}

/** The body of what `seal` made with the same `magic`. Throws `invalid` for a file of another version and for a damaged one: make it again. */
export function unseal(magic: string, bytes: Buffer, what: string): Buffer {
  if (bytes.toString("latin1", 0, magic.length) !== magic) throw new DhiError("invalid", `this is no ${what} of this version`);
  const packed = bytes.subarray(magic.length + SUM);
  // Node 22 decodes zstd that was cut off without an error.
  if (!hash("sha256", packed, "buffer").equals(bytes.subarray(magic.length, magic.length + SUM)))
    throw new DhiError("invalid", `the ${what} is damaged`);
  return zstdDecompressSync(packed);
}
