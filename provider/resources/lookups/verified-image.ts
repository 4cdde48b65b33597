import { blame, DhiError } from "../../errors.js";
import type { Session } from "../../pipeline/session.js";
import { imageReference, object } from "../../pipeline/spec/schema.js";
import { verify } from "../../pipeline/spec/verify.js";
import { describeFound } from "../../pipeline/verify/verified.js";
import { verifyNamed } from "../../pipeline/verify/verify-named.js";
import type { ValueMap } from "../../values.js";
import { describeFailure, parseInputs } from "../parse.js";

/** An image whose signature holds. */
export interface SignedImage {
  /** By digest. */
  readonly ref: string;
  readonly signer: string;
}

const schema = object({ ref: imageReference, verify });

/** Verifies an image, all its platforms. Throws `DhiError`, "invalid" unless it is signed as the policy wants. */
export async function lookUpVerified({ repositories, projectDirectory }: Session, args: ValueMap): Promise<SignedImage> {
  const { value, failures } = parseInputs(schema, args);
  if (value === undefined) throw new DhiError("invalid", failures.map(describeFailure).join("\n"));
  const { ref: named, verify: policy } = value;
  const { ref, outcome } = await blame({ property: "ref" }, () => verifyNamed(repositories, projectDirectory, named.reference, policy));
  if ("signer" in outcome) return { ref, signer: outcome.signer };
  const hint = "Check where the image comes from; if it is right, give the key or the identity that signs it";
  throw new DhiError("invalid", `${ref} is not signed as verify wants, ${describeFound(outcome)}`, { property: "ref", hint });
}
