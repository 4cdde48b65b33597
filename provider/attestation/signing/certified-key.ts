import { generateKeyPairSync, sign } from "node:crypto";
import type { FulcioSigner, Signature, Signer } from "@sigstore/sign";

/** Milliseconds that a certificate is used: Fulcio's are valid for ten minutes, in which the log must have the signature. */
const USED_FOR = 5 * 60_000;

/**
 * A key of this operation with a certificate for the identity: one request for all signatures, where the library makes one for each.
 * `certify` makes what asks Fulcio for a certificate of the key.
 */
export function certifiedKey(certify: (keyHolder: Signer) => FulcioSigner): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const signBytes = (bytes: Buffer): Buffer => sign("sha256", bytes, privateKey);
  const fulcio = certify({
    sign: (bytes) => Promise.resolve({ signature: signBytes(bytes), key: { $case: "publicKey", publicKey: pem } }),
  });
  let known: { readonly until: number; readonly key: Promise<Signature["key"]> } | undefined;
  return {
    sign: async (bytes) => {
      if (known === undefined || known.until < Date.now()) {
        const asked = { until: Date.now() + USED_FOR, key: fulcio.sign(Buffer.alloc(0)).then(({ key }) => key) };
        known = asked;
        asked.key.catch(() => {
          if (known === asked) known = undefined;
        });
      }
      return { signature: signBytes(bytes), key: await known.key };
    },
  };
}
