import { asError, DhiError } from "../../errors.js";

/** Who vouches for an image, or why what was found does not do so. */
export type Verdict = { readonly signer: string } | { readonly refusal: string };

/** Whoever can write to a registry can write anything: what cannot be read is refused like what does not hold. */
export function judgeForeign(judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch (thrown) {
    return { refusal: thrown instanceof DhiError ? thrown.message : `it cannot be read: ${asError(thrown).message}` };
  }
}
