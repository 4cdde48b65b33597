import { verify, type KeyObject } from "node:crypto";
import { hexOf, isDigest } from "../../image/digest.js";
import { encodeKeyBundle } from "../formats/bundle.js";
import { envelopeOf, signedBytes } from "../formats/dsse.js";
import { IN_TOTO } from "../formats/media-types.js";
import type { SigningKey } from "../keys/signing-key.js";
import type { Signer } from "./signer.js";

/** A signer with a key of one's own. */
export function keySigner(key: SigningKey): Signer {
  const { id, publicKey } = key;
  // As cosign makes it: the hash of the public key in base64. A command's key is not known.
  const hint = publicKey === undefined || !isDigest(id) ? "" : Buffer.from(hexOf(id), "hex").toString("base64");
  return {
    id,
    signStatement: async (statement) => {
      const envelope = envelopeOf(statement, await key.sign(signedBytes(IN_TOTO, statement)));
      return { envelope, bundle: encodeKeyBundle(envelope, hint), annotations: {} };
    },
    signPayload: async (payload) => ({ signature: await key.sign(payload), annotations: {} }),
    verify: publicKey === undefined ? undefined : (bytes, signature) => isSignedBy(publicKey, bytes, signature),
  };
}

function isSignedBy(publicKey: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(publicKey.asymmetricKeyType === "ed25519" ? null : "sha256", bytes, publicKey, signature);
  } catch {
    // Such as a signature of another kind of key.
    return false;
  }
}
