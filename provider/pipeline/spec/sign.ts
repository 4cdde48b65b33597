import { z } from "zod";
import { isPem, parseKeyReference, type KeyReference } from "../../attestation/keys/key-reference.js";
import { object, parsed, secretText } from "./schema.js";
import { sigstore, type Sigstore } from "./sigstore.js";

/** Who signs the image and what is stated about it. */
export type SignSpec =
  | { readonly is: "key"; readonly key: KeyReference }
  /** The text of a private key, from a secret of the stack's configuration. */
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "keyless"; readonly sigstore: Sigstore };

const error = "does not say who signs. Give { key } or { keyless: { … } }";

const keyless = object({ keyless: sigstore }).transform((value): SignSpec => ({ is: "keyless", sigstore: value.keyless }));

const key = parsed("a file, env:NAME or exec:COMMAND", parseKeyReference);

/** The input `sign`. A key is never given itself, since inputs are kept in state. */
export const sign = z.union([object({ key }).transform((value): SignSpec => ({ is: "key", key: value.key })), keyless], { error });

/** Stack config `dhi:sign`, which is not kept in state, so that it may hold a key itself. */
export const stackSign = z.union(
  [object({ key: secretText.refine(isPem) }).transform((value): SignSpec => ({ is: "text", text: value.key })), ...sign.options],
  { error },
);
