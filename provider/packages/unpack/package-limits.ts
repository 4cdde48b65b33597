import { DhiError } from "../../errors.js";

/** Bytes of a package's control archive, decompressed. */
export const MAX_CONTROL = 10 * 1024 * 1024;
/** Bytes of a package's data archive, decompressed; unidic-mecab of Debian has 5.2 GB. */
const MAX_DATA = 8 * 1024 ** 3;
/** Files of one package; papirus-icon-theme of Debian has 116,000. */
export const MAX_FILES = 125_000;
/**
 * Bytes of memory, as `IndexWeight` counts them, that the entries of one package may take, and those of all packages of an image: some
 * 125,000 files for Debian, 75,000 for Alpine, whose database records more of each. What is built from them takes several times as much.
 */
export const MAX_WEIGHT = 80 * 1024 ** 2;
/** Bytes of padding after the end of a tar archive: tape records were not larger. */
export const MAX_PADDING = 1024 * 1024;

/** A data archive may unpack to ALWAYS bytes, or RATIO times its size: above that, Debian has nothing beyond 110 times (qemu-efi-aarch64). */
const ALWAYS = 512 * 1024 ** 2;
const RATIO = 200;

/** Bytes that a data archive of `packed` bytes may decompress to. */
export function dataLimit(packed: number): number {
  return Math.min(MAX_DATA, Math.max(ALWAYS, RATIO * packed));
}

/** The error with the package's name before its message. */
export function ofPackage(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof DhiError)) return thrown;
  return new DhiError(thrown.code, `package ${name}: ${thrown.message}`, {
    origin: thrown.origin ?? "packages",
    property: thrown.property,
    hint: thrown.hint,
    cause: thrown.cause,
  });
}
