import type { Repository } from "../../image/reference.js";
import type { VerifySpec } from "../spec/verify.js";
import type { Selector } from "./select.js";

/** What a mirror is asked to do. */
export interface MirrorSpec {
  readonly source: Repository;
  readonly destination: Repository;
  readonly select: readonly Selector[];
  /** Where referrers are looked for, the source first. Empty: none are copied. */
  readonly referrers: readonly Repository[];
  /** Whose signature an image must have to be mirrored. */
  readonly verify?: VerifySpec | undefined;
  /** Milliseconds that an image must be old to be copied. Undefined: of any age. */
  readonly minimumAge: number | undefined;
  readonly overwrite: boolean;
  readonly deleteImages: boolean;
}
