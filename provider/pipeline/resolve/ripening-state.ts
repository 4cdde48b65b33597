import type { Digest } from "../../image/digest.js";
import type { FirstSights } from "../state/first-sights.js";
import type { Notice } from "../notice.js";
import type { Resolution } from "../state/resolution.js";

/** What state says of an image, as far as it decides what may be taken. */
export interface RipeningState {
  /** The repository of the base that it was made of, by its key in `repositories`. */
  readonly baseRepository: string | undefined;
  /** Undefined for a new image. */
  readonly resolution: Resolution | undefined;
  readonly sights: FirstSights;
  /** What was ripening. */
  readonly notices: readonly Notice[];
}

/** The base that state has of this repository. */
export function keptBase(
  { baseRepository, resolution }: RipeningState,
  repository: string,
): { readonly tag: string; readonly digest: Digest } | undefined {
  return baseRepository === repository ? resolution?.base : undefined;
}
