import { DhiError } from "../../errors.js";

/** Bytes of a package's control archive, decoded. */
export const MAX_CONTROL = 10 * 1024 * 1024;
/** Bytes of a package's data archive, decoded. */
export const MAX_DATA = 4 * 1024 ** 3;
/** Files of one package. */
export const MAX_FILES = 500_000;

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
