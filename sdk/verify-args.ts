import type { Input } from "@pulumi/pulumi";

/** Services of one's own. Default: the public Sigstore. */
export interface SigstoreArgs {
  /** URL of the certificate authority. Used to sign. With one of your own, give `rekorUrl` or `tsaUrl` too: nothing then goes into the public log. */
  fulcioUrl?: Input<string> | undefined;
  /** URL of the transparency log. Used to sign. */
  rekorUrl?: Input<string> | undefined;
  /** URL of the timestamp authority. Used to sign. */
  tsaUrl?: Input<string> | undefined;
  /**
   * A file with the trusted root, relative to the Pulumi project, or its JSON, as `cosign trusted-root create` writes it. With it, verifying
   * needs no network but the registry. Default: that of the public Sigstore, which is downloaded (`@sigstore/tuf`).
   */
  trustedRoot?: Input<string> | undefined;
  /** A file with the signing config. Used to sign. */
  signingConfig?: Input<string> | undefined;
}

/** By public keys. */
export interface VerifyKeysArgs {
  /**
   * One that holds is enough, so that keys can be rotated: PEM text, a file relative to the Pulumi project, or `dhi` for those that sign
   * Docker Hardened Images.
   */
  keys: Input<Input<string>[]>;
  /** A second repository that signatures are looked for in: `registry/name`, or `oci:path`. */
  source?: Input<string> | undefined;
}

/** By an identity that a certificate of Sigstore names ("keyless"). */
export interface VerifyIdentityArgs {
  /** An e-mail address or a URI, such as that of a workflow, exactly as in the certificate. */
  identity: Input<string>;
  /** URL of the OpenID Connect provider that vouched for it. */
  issuer: Input<string>;
  /** Default: the public Sigstore. */
  sigstore?: Input<SigstoreArgs> | undefined;
  /** A second repository that signatures are looked for in: `registry/name`, or `oci:path`. */
  source?: Input<string> | undefined;
}

/**
 * Whose signature an image must have before anything of it is used: a signature or an attestation of its index, or of each of its manifests
 * that are used.
 */
export type VerifyArgs = VerifyKeysArgs | VerifyIdentityArgs;
