import type { Signer } from "../../attestation/signing/signer.js";
import { blame } from "../../errors.js";
import type { Session } from "../session.js";
import type { SignSpec } from "../spec/sign.js";

/**
 * The signer of an image: its input `sign`, else the stack's `dhi:sign`; undefined where nothing is signed. Called in check too, so that a key
 * that cannot be read is told before anything is pushed. Throws `DhiError` of the origin "signing".
 */
export async function signerOf(session: Session, declared: SignSpec | undefined): Promise<Signer | undefined> {
  const sign = declared ?? session.settings.sign;
  if (sign === undefined) return undefined;
  const where = declared === undefined ? "dhi:sign" : "sign";
  const property = sign.is === "keyless" ? `${where}.keyless` : `${where}.key`;
  return blame({ origin: "signing", property }, () => session.signers.open(sign));
}
