import type { Envelope } from "../formats/dsse.js";

/** A signed statement in both forms. */
export interface SignedStatement {
  /** A Sigstore bundle, version 0.3. */
  readonly bundle: Buffer;
  readonly envelope: Envelope;
  /** What cosign needs beside the envelope, on its layer: certificate, entry of the log, timestamp. Empty for a key. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A signature of bytes, with what cosign needs beside it. */
export interface SignedPayload {
  readonly signature: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Who signs: a key, or the identity of a CI. */
export interface Signer {
  /** Kept in state: what the same signer has signed is not signed again. Not a secret. */
  readonly id: string;
  readonly signStatement: (statement: Buffer) => Promise<SignedStatement>;
  /** Signs the payload of a signature of cosign. */
  readonly signPayload: (payload: Buffer) => Promise<SignedPayload>;
  /** Whether a signature that was found is of this signer; undefined where only others could tell. */
  readonly verify: ((bytes: Uint8Array, signature: Uint8Array) => boolean) | undefined;
}
