import type { Statement } from "../formats/statement.js";
import { asError, DhiError } from "../../errors.js";

/** Who vouches for an image, with what was stated if it was more than a signature; or why what was found does not do so. */
export type Verdict = { readonly signer: string; readonly statement?: Statement } | { readonly refusal: string };

/** Whoever can write to a registry can write anything: what cannot be read is refused like what does not hold. */
export function judgeForeign(judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch (thrown) {
    return { refusal: thrown instanceof DhiError ? thrown.message : `it cannot be read: ${asError(thrown).message}` };
  }
}
