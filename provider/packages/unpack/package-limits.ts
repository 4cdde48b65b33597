import { DhiError } from "../../errors.js";

/** Bytes of a package's control archive, decoded. */
export const MAX_CONTROL = 10 * 1024 * 1024;
/** Bytes of a package's data archive, decoded; unidic-mecab of Debian has 5.2 GB. */
const MAX_DATA = 8 * 1024 ** 3;
/** Files of one package; papirus-icon-theme of Debian has 116,000. */
export const MAX_FILES = 125_000;
/**
 * Bytes of memory, as `IndexWeight` counts them, that the entries of one package may take, and those of all packages of an image: some
 * 125,000 files for Debian, 75,000 for Alpine, whose database says more of each. What is made of them takes several times as much.
 */
export const MAX_WEIGHT = 80 * 1024 ** 2;
/** Bytes behind the end of a tar archive: the records of tapes were no bigger. */
export const MAX_PADDING = 1024 * 1024;

/** What a data archive may unpack to is this, or so many times its size: of what is bigger, Debian has nothing beyond 110 times (qemu-efi-aarch64). */
const ALWAYS = 512 * 1024 ** 2;
const RATIO = 200;

/** Bytes that a data archive of `packed` bytes may have, decoded. */
export function dataLimit(packed: number): number {
  return Math.min(MAX_DATA, Math.max(ALWAYS, RATIO * packed));
}

/** What went wrong, with the package's name in front. */
export function ofPackage(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof DhiError)) return thrown;
  return new DhiError(thrown.code, `package ${name}: ${thrown.message}`, {
    origin: thrown.origin ?? "packages",
    property: thrown.property,
    hint: thrown.hint,
    cause: thrown.cause,
  });
}
