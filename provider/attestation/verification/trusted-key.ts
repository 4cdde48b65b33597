import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { DhiError } from "../../errors.js";

/** A public key whose signatures are accepted. */
export interface TrustedKey {
  readonly key: KeyObject;
  /** For people: the first digits of its fingerprint, SHA-256 of the DER form. */
  readonly name: string;
}

/** Shorter RSA keys can be broken (NIST SP 800-131A, revision 2). */
export const MINIMUM_RSA_BITS = 2048;

/** SHA-256 is what cosign takes for each key; newer signers take the hash that fits the curve (sigstore, algorithm registry). */
const curves: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ["sha256"],
  secp384r1: ["sha384", "sha256"],
  secp521r1: ["sha512", "sha256"],
};

const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----[^-]*-----END \1-----/g;
const kinds: readonly string[] = ["PUBLIC KEY", "RSA PUBLIC KEY"];

/**
 * The keys in PEM text; there may be several, of a rotation. `what` names it in errors, which never quote it. Throws `DhiError` "invalid"
 * for a text without one, and for one that has anything else.
 */
export function parseTrustedKeys(pem: string, what: string): readonly [TrustedKey, ...TrustedKey[]] {
  const [first, ...others] = [...pem.matchAll(block)].map(([text, kind = ""]) => parseBlock(text, kind, what));
  if (first !== undefined) return [first, ...others];
  throw new DhiError("invalid", `${what} has no public key`, {
    hint: 'Give PEM text ("-----BEGIN PUBLIC KEY-----"), a file with it, or dhi',
  });
}

function parseBlock(text: string, kind: string, what: string): TrustedKey {
  const hint = "Give the public key in PEM, as in the file cosign.pub";
  // Node would take the public half of a private key, which then lies around in a program or in state.
  if (!kinds.includes(kind)) throw new DhiError("invalid", `${what} has a ${kind.toLowerCase()}, which is not a public key`, { hint });
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch {
    throw new DhiError("invalid", `${what} has a public key that cannot be read`, { hint });
  }
  const weakness = describeUnfit(key);
  if (weakness !== undefined) throw new DhiError("invalid", `${what} has ${weakness}`, { hint: "Give an ECDSA, RSA or Ed25519 key" });
  return { key, name: nameKey(key) };
}

function describeUnfit({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = "" } = asymmetricKeyDetails;
  if (asymmetricKeyType === "ed25519") return undefined;
  if (asymmetricKeyType === "ec") return namedCurve in curves ? undefined : `a key on the curve ${namedCurve}, which signatures do not use`;
  if (asymmetricKeyType !== "rsa") return `a key of the type ${asymmetricKeyType ?? "unknown"}, which does not sign`;
  return modulusLength >= MINIMUM_RSA_BITS ? undefined : `an RSA key of ${String(modulusLength)} bits, which is too weak`;
}

function nameKey(key: KeyObject): string {
  const fingerprint = createHash("sha256").update(key.export({ type: "spki", format: "der" }));
  return `key sha256:${fingerprint.digest("hex").slice(0, 12)}`;
}

/** RSA as in PKCS #1 v1.5, ECDSA in DER, Ed25519 as it is. */
export function isSignedBy(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  const hashes = key.asymmetricKeyType === "ec" ? (curves[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? []) : ["sha256"];
  return (key.asymmetricKeyType === "ed25519" ? [undefined] : hashes).some((hash) => verify(hash, bytes, key, signature));
}
