import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import type { Digest } from "../../../provider/image/digest.js";
import { hexOf } from "../../../provider/image/digest.js";
import { describeEnvelope, envelopeOf, signedBytes } from "../../../provider/attestation/formats/dsse.js";
import { BUNDLE, IN_TOTO } from "../../../provider/attestation/formats/media-types.js";
import { COSIGN_SIGN } from "../../../provider/attestation/formats/predicate-types.js";
import { encodeSimpleSigning } from "../../../provider/attestation/formats/simple-signing.js";
import { encodeStatement } from "../../../provider/attestation/formats/statement.js";

/** A key pair, as `cosign generate-key-pair` makes one, and what it signs. */
export interface Signer {
  readonly privateKey: KeyObject;
  /** PEM of the public key. */
  readonly pem: string;
}

export type KeyKind = "P-256" | "P-384" | "P-521" | "RSA" | "Ed25519";

const hashes: Readonly<Record<KeyKind, string | undefined>> = {
  "P-256": "sha256",
  "P-384": "sha384",
  "P-521": "sha512",
  RSA: "sha256",
  Ed25519: undefined,
};

export function makeSigner(kind: KeyKind = "P-256"): Signer {
  const { privateKey, publicKey } =
    kind === "RSA"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : kind === "Ed25519"
        ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: kind });
  return { privateKey, pem: publicKey.export({ type: "spki", format: "pem" }).toString() };
}

export function signBytes({ privateKey }: Signer, bytes: Buffer, kind: KeyKind = "P-256"): Buffer {
  return sign(hashes[kind], bytes, privateKey);
}

/** Payload and signature as cosign 2 makes them. */
export function signSimple(signer: Signer, digest: Digest): { readonly payload: Buffer; readonly signature: Buffer } {
  const payload = encodeSimpleSigning({ repository: "registry.example.com/acme/base", digest });
  return { payload, signature: signBytes(signer, payload) };
}

export function makeStatement(digest: Digest, predicateType = COSIGN_SIGN, predicate = {}): Buffer {
  return encodeStatement({ subjects: [{ name: "", digest: { sha256: hexOf(digest) } }], predicateType, predicate });
}

/** A bundle as cosign 3 makes one with a key. */
export function signBundle(signer: Signer, statement: Buffer): object {
  const envelope = envelopeOf(statement, signBytes(signer, signedBytes(IN_TOTO, statement)));
  return {
    mediaType: BUNDLE,
    verificationMaterial: { publicKey: { hint: "a hint that nobody believes" }, tlogEntries: [] },
    dsseEnvelope: describeEnvelope(envelope),
  };
}

/** The same with another byte in the middle. */
export function flip(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
