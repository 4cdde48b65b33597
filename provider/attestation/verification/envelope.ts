import type { Digest } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import { describeEnvelope, signedBytes, type Envelope } from "../formats/dsse.js";
import { IN_TOTO } from "../formats/media-types.js";
import { isAbout, parseStatement, type Statement } from "../formats/statement.js";
import { certificateMaterial } from "./simple-signature.js";
import type { Trust } from "./trust.js";
import { judgeForeign, type Verdict } from "./verdict.js";

const VERIFICATION_SUMMARY = "https://slsa.dev/verification_summary/v1";

/** A signed statement about an image. `bundle`: what it came in, where a certificate says who signed. */
export function judgeEnvelope(envelope: Envelope, digest: Digest, bundle: JsonObject | undefined, trust: Trust): Verdict {
  const { payloadType, payload, signatures } = envelope;
  if (payloadType !== IN_TOTO) return { refusal: `its payload is ${JSON.stringify(payloadType)}, which is not a statement` };
  const statement = parseStatement(payload, "its payload");
  const refusal = refuseStatement(statement, digest);
  if (refusal !== undefined) return { refusal };
  const verdict = trust.judge({ bytes: signedBytes(payloadType, payload), signatures, bundle, message: undefined });
  return "signer" in verdict ? { ...verdict, statement } : verdict;
}

/** An envelope as cosign 2 stores it in a layer, with these annotations. */
export function judgeStoredEnvelope(
  envelope: Envelope,
  annotations: Readonly<Record<string, string>>,
  digest: Digest,
  trust: Trust,
): Verdict {
  return judgeForeign(() => {
    const verificationMaterial = certificateMaterial(annotations);
    const mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.1";
    const bundle = verificationMaterial && { mediaType, verificationMaterial, dsseEnvelope: describeEnvelope(envelope) };
    return judgeEnvelope(envelope, digest, bundle, trust);
  });
}

/** Why a statement does not vouch for an image. Whoever attests something of an image stands for it, except by a check that it failed. */
export function refuseStatement(statement: Statement, digest: Digest): string | undefined {
  if (!isAbout(statement, digest)) {
    const about = statement.subjects[0]?.digest["sha256"];
    return `its statement is about ${about === undefined ? "something else" : `sha256:${about}`}, not about ${digest}`;
  }
  const { predicateType, predicate } = statement;
  if (predicateType !== VERIFICATION_SUMMARY || predicate["verificationResult"] === "PASSED") return undefined;
  return "its statement says that the image failed a check (verification summary)";
}
