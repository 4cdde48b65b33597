import { z } from "zod";
import { DhiError } from "../../errors.js";
import { parseDuration } from "../../text/duration.js";
import type { Value } from "../../values.js";
import { object, parsed } from "./schema.js";

/** How old something must be before an image takes it, in milliseconds. Undefined: of any age. */
export interface MinimumAge {
  /** Of a base or an artifact. */
  readonly images?: number | undefined;
  /** Of a version of an added package, since its archive's date. */
  readonly packages?: number | undefined;
  /** The same for what comes from an archive for security updates. */
  readonly security?: number | undefined;
}

/** Ten years: who wants more wants `tag@sha256:…`. */
export const MAXIMUM_AGE = 3650 * 86_400_000;

const duration = parsed("a duration such as 72h or 7d", (text) => {
  const age = parseDuration(text, ["s", "m", "h", "d"]);
  if (age === undefined) throw new DhiError("invalid", `"${text}" is not a duration`, { hint: "Write one such as 72h, 7d or 1d12h" });
  if (age > 0 && age <= MAXIMUM_AGE) return age;
  const why = age === 0 ? "has no effect" : "is longer than ten years";
  throw new DhiError("invalid", `"${text}" ${why}`, {
    hint: age === 0 ? "Remove it" : "Pin it by digest or version, or give a shorter one",
  });
});

/** A duration, which is for images, or one for each kind. */
const ages = object({ images: duration.optional(), packages: duration.optional(), security: duration.optional() });

export const minimumAge = z.union([duration.transform((images): MinimumAge => ({ images })), ages], {
  error: "is not a minimum age. Give a duration such as 72h, or { images, packages, security }",
});

/** Of raw inputs; nothing for what is not valid, which is reported elsewhere. */
export function readMinimumAge(value: Value | undefined): MinimumAge {
  return minimumAge.safeParse(value).data ?? {};
}
