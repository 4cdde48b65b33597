import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { digestOf } from "../../image/digest.js";
import { DhiError } from "../../errors.js";

/** A private key, wherever it is. */
export interface SigningKey {
  /** Names the key in state, so that a rotation is seen. Not a secret. */
  readonly id: string;
  /** Undefined for a key that only a command knows. */
  readonly publicKey: KeyObject | undefined;
  readonly sign: (bytes: Uint8Array) => Promise<Buffer>;
}

/** The shortest RSA key that verifiers take (sigstore/sigstore, "goodkey"). */
export const RSA_BITS = 2048;
const curves: ReadonlySet<string | undefined> = new Set(["prime256v1", "secp384r1"]);

/** Throws `DhiError` "invalid" for a key that signatures of images are not made with. */
export function localKey(privateKey: KeyObject, what: string): SigningKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: { namedCurve, modulusLength = 0 } = {} } = privateKey;
  const isGood = type === "ed25519" || (type === "ec" && curves.has(namedCurve)) || (type === "rsa" && modulusLength >= RSA_BITS);
  if (!isGood) {
    const found = [type, namedCurve, type === "rsa" ? `of ${String(modulusLength)} bits` : undefined].filter((part) => part !== undefined);
    throw new DhiError("invalid", `${what} is a key of the kind ${found.join(" ")}, by which images are not signed`, {
      hint: `Use ECDSA on P-256 or P-384, Ed25519, or RSA of at least ${String(RSA_BITS)} bits`,
    });
  }
  const publicKey = createPublicKey(privateKey);
  return {
    id: digestOf(publicKey.export({ format: "der", type: "spki" })),
    publicKey,
    sign: (bytes) => Promise.resolve(sign(type === "ed25519" ? null : "sha256", bytes, privateKey)),
  };
}
