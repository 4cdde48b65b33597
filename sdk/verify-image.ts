import { output, runtime, type Input, type Output } from "@pulumi/pulumi";
import type { ValueMap } from "../provider/values.js";
import type { VerifyArgs } from "./verify-args.js";

/** An image, and whose signature it must have. */
export interface VerifyImageArgs {
  /** `registry/name:tag`, `oci:path:tag`, or either with `@sha256:…`. */
  ref: string;
  /** Plain values; `verifyImageOutput` takes outputs. */
  verify: VerifyArgs;
}

/** An image that is signed as it must be. */
export interface VerifiedImage {
  /** The image by its digest, `registry/name@sha256:…`: what to deploy, as a tag may move. */
  ref: string;
  /** The key, by its fingerprint, or the identity and its issuer. */
  signer: string;
}

/**
 * Looks for a signature of an image that exists, with all its platforms, also in preview. Rejects with `RunError` where the image is not
 * signed as `verify` wants, or where that cannot be found out.
 */
export async function verifyImage(args: VerifyImageArgs): Promise<VerifiedImage> {
  const { verifyImage: lookUp } = await import("../provider/pulumi/lookups.js");
  const { ref, verify } = args;
  return lookUp({ ref, verify: JSON.parse(JSON.stringify(verify)) as ValueMap }, (key) => runtime.getConfig(key));
}

/** `verifyImage` for arguments that may not be known yet. */
export function verifyImageOutput(args: { [K in keyof VerifyImageArgs]: Input<VerifyImageArgs[K]> }): Output<VerifiedImage> {
  return output(args).apply((known) => verifyImage(known as VerifyImageArgs));
}
