import { DhiError } from "../errors.js";

/** A block of tar, in bytes (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const BLOCK = 512;

/** Entries of one archive. */
export const MAX_ENTRIES = 2_000_000;
/** Bytes of a name or of a link's target: Linux's PATH_MAX. */
export const MAX_PATH = 4096;
/** Bytes of one pax extended header. */
export const MAX_PAX = 1024 * 1024;
/** Runs of data in one sparse file. */
export const MAX_SPARSE_RUNS = 262_144;
/** Bytes of all holes in one archive: they cost nothing to send, but all of them are hashed. */
export const MAX_HOLES = 8 * 1024 ** 3;
/** Bytes of one uncompressed archive where the caller gives no other limit. */
export const MAX_ARCHIVE = 64 * 1024 ** 3;

/** `size` rounded up to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

export function beyondLimit(what: string, limit: number): DhiError {
  return new DhiError("limit", `${what}: the limit is ${limit.toLocaleString("en-US")}`);
}
