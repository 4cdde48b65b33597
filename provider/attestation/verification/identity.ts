import { createPublicKey, X509Certificate } from "node:crypto";
import { bundleFromJSON, type Bundle } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import { asError, DhiError } from "../../errors.js";
import { jsonObject, parseJson } from "../../image/json.js";
import { isSignedBy } from "./trusted-key.js";
import type { FoundSignature, Trust } from "./trust.js";
import type { Verdict } from "./verdict.js";

/** Who must have signed: both texts exactly as the certificate has them. */
export interface Identity {
  /** An e-mail address or a URI, such as that of a workflow. */
  readonly identity: string;
  /** The URL of the OpenID Connect provider. */
  readonly issuer: string;
}

/**
 * Keyless signatures (Sigstore). `root`: JSON of the trusted root, as `cosign trusted-root create` writes it; `what` names it in errors.
 * A log entry and a timestamp of the certificate are required where the root has a log for them, and one time of signing always. Throws
 * `DhiError` "invalid".
 */
export function trustIdentity({ identity, issuer }: Identity, root: string, what: string): Trust {
  const verifier = openVerifier(root, what);
  return {
    wants: `a keyless signature by ${identity} of ${issuer}`,
    judge: (found) => {
      if (found.bundle === undefined) return { refusal: "it is signed by a key, and not with a certificate" };
      const bundle = bundleFromJSON(found.bundle);
      const altered = findAltered(bundle, found);
      return altered === undefined ? judgeBundle(verifier, bundle, found, { identity, issuer }) : { refusal: altered };
    },
  };
}

function openVerifier(json: string, what: string): Verifier {
  const read = parseJson(json, jsonObject, what, "Give a trusted root, as cosign trusted-root create writes it");
  try {
    const root = TrustedRoot.fromJSON(read);
    if (root.certificateAuthorities.length === 0) throw new Error("it has no certificate authority");
    const [tlogThreshold, ctlogThreshold] = [root.tlogs, root.ctlogs].map(({ length }) => (length === 0 ? 0 : 1));
    return new Verifier(toTrustMaterial(root), {
      tlogThreshold: tlogThreshold ?? 1,
      ctlogThreshold: ctlogThreshold ?? 1,
      timestampThreshold: 1,
    });
  } catch (thrown) {
    throw new DhiError("invalid", `${what} is not a trusted root: ${asError(thrown).message}`);
  }
}

/** The library would report another fault first: that a log or a timestamp has another signature. */
function findAltered(bundle: Bundle, { bytes, signatures }: FoundSignature): string | undefined {
  const certificate = certificateOf(bundle);
  if (certificate === undefined) return "it has no certificate";
  let key;
  try {
    key = createPublicKey(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "pem" }));
  } catch {
    return "its certificate cannot be read";
  }
  return signatures.some((signature) => isSignedBy(key, bytes, signature)) ? undefined : "its signature does not match what it signs";
}

function certificateOf({ verificationMaterial: { content } }: Bundle): Buffer | undefined {
  if (content.$case === "certificate") return content.certificate.rawBytes;
  return content.$case === "x509CertificateChain" ? content.x509CertificateChain.certificates[0]?.rawBytes : undefined;
}

function judgeBundle(verifier: Verifier, bundle: Bundle, { message }: FoundSignature, wanted: Identity): Verdict {
  try {
    const { identity } = verifier.verify(toSignedEntity(bundle, message));
    const [subject = "nobody", issuer = "an unknown issuer"] = [identity?.subjectAlternativeName, identity?.extensions?.issuer];
    const name = `${subject} of ${issuer}`;
    return subject === wanted.identity && issuer === wanted.issuer ? { signer: name } : { refusal: `it is signed by ${name}` };
  } catch (thrown) {
    return { refusal: describeFault(thrown) };
  }
}

function describeFault(thrown: unknown): string {
  const { message } = asError(thrown);
  const { code } = thrown instanceof VerificationError ? thrown : { code: "" };
  if (code === "CERTIFICATE_ERROR") return `its certificate does not hold under the trusted root: ${message}`;
  if (code === "TIMESTAMP_ERROR") return `its time of signing is not proven: ${message}`;
  if (code.startsWith("TLOG_")) return `its entry in the transparency log does not hold: ${message}`;
  return `it does not hold: ${message}`;
}
