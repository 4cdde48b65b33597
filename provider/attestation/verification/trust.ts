import type { JsonObject } from "../../image/json.js";
import { isSignedBy, type TrustedKey } from "./trusted-key.js";
import type { Verdict } from "./verdict.js";

/** A signature that was found, whatever it was stored as. */
export interface FoundSignature {
  /** The bytes that were signed. */
  readonly bytes: Buffer;
  /** One that holds is enough. */
  readonly signatures: readonly Buffer[];
  /** The same as a Sigstore bundle, where a certificate says who signed. */
  readonly bundle: JsonObject | undefined;
  /** What a bundle with a mere signature is about: `bytes` of it. Undefined for an envelope, which has its payload. */
  readonly message: Buffer | undefined;
}

/** Whose signatures are accepted. */
export interface Trust {
  /** For errors, after "the policy wants". */
  readonly wants: string;
  readonly judge: (found: FoundSignature) => Verdict;
}

/** One of these keys is enough. What a signature says of its key, such as an id, is not read. */
export function trustKeys(keys: readonly TrustedKey[]): Trust {
  const names = [...new Set(keys.map(({ name }) => name))];
  return {
    wants: `a signature by ${names.length === 1 ? "" : "one of "}${names.join(", ")}`,
    judge: ({ bytes, signatures, bundle }) => {
      const signer = keys.find(({ key }) => signatures.some((signature) => isSignedBy(key, bytes, signature)));
      if (signer !== undefined) return { signer: signer.name };
      if (signatures.every(({ length }) => length === 0)) return { refusal: "its signature is empty" };
      if (bundle !== undefined) return { refusal: "it is signed with a certificate, and not by a key of the policy" };
      return { refusal: "it is signed by another key, or was changed after it was signed" };
    },
  };
}
