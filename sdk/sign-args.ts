import type { Input } from "@pulumi/pulumi";
import type { SigstoreArgs } from "./verify-args.js";

/**
 * Who signs. `key`: the file of a private key, relative to the Pulumi project; `env:NAME`, a variable that holds it; or `exec:COMMAND`, a program that
 * gets a SHA-256 digest and answers with the signature. `keyless`: the identity of the CI, by Sigstore.
 */
export type SignArgs = KeyArgs | KeylessArgs;

/** A key that signs. */
export interface KeyArgs {
  /** A file, `env:NAME`, or `exec:COMMAND`. */
  key: Input<string>;
}

/** Signing with the identity of a CI. */
export interface KeylessArgs {
  /** Default: the public Sigstore. */
  keyless: Input<SigstoreArgs>;
}
