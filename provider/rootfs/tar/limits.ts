import { DhiError } from "../../errors.js";

/** A block of tar, in bytes (POSIX.1-2017, pax, "ustar Interchange Format"). */
export const BLOCK = 512;

/** Bytes of a name or of a link's target: Linux's PATH_MAX. */
export const MAX_PATH = 4096;
/** Parts of link targets that are followed in one tree: seconds of work. */
export const MAX_LINK_PARTS = 20_000_000;
/** Bytes of one pax extended header. */
export const MAX_PAX = 1024 * 1024;
/** Records of global pax headers: each applies to every entry that follows. */
export const MAX_GLOBAL_PAX = 64;
/** Runs of data in one sparse file. */
export const MAX_SPARSE_RUNS = 262_144;
/** Bytes of all holes in one archive: they are not stored, but all of them are hashed. */
export const MAX_HOLES = 8 * 1024 ** 3;
/** Bytes of all files that one layer's index keeps: they stay in memory. */
export const MAX_KEPT_BYTES = 48 * 1024 ** 2;
/**
 * Bytes of memory, as `IndexWeight` counts them, that the entries of one image may take, and those of a layer: some 200,000 files.
 * Composing them takes as much again: 125,000 files were composed within 350 MiB, 200,000 took 373 MiB.
 */
export const MAX_INDEX = 128 * 1024 ** 2;
/** Bytes of a hole that are handled in one step. */
export const HOLE_STEP = 1024 ** 2;
/** Linux has ids of 32 bits. */
export const MAX_ID = 2 ** 32 - 1;
/** Seconds before or after 1970: as many digits as a pax time may have. */
export const MAX_TIME = 10 ** 15 - 1;
/** Bytes of one uncompressed archive where the caller sets no other limit. */
export const MAX_ARCHIVE = 64 * 1024 ** 3;

/** `size` rounded up to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

export function beyondLimit(what: string, limit: number): DhiError {
  return new DhiError("limit", `${what}: the limit is ${limit.toLocaleString("en-US")}`);
}
