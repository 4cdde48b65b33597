import { DhiError } from "../../errors.js";
import { formatReference, type Reference } from "../../image/reference.js";
import type { Repositories } from "../../registry/repository.js";
import type { VerifySpec } from "../spec/verify.js";
import { openPolicy } from "./policy.js";
import { verifyImage, type Outcome } from "./verify-image.js";

/** An image that was looked for outside of a resource. */
export interface NamedOutcome {
  /** By digest. */
  readonly ref: string;
  readonly outcome: Outcome;
}

/** Looks for a signature of an image, with all its platforms. Files of the policy are relative to `directory`. Throws `DhiError`. */
export async function verifyNamed(
  repositories: Repositories,
  directory: string,
  { repository, tag = "latest", digest: pinned }: Reference,
  spec: VerifySpec,
): Promise<NamedOutcome> {
  const digest = pinned ?? (await repositories.open(repository).headManifest(tag))?.digest;
  if (digest === undefined) throw new DhiError("not-found", `${formatReference({ repository, tag })} does not exist`);
  const subject = { repository, digest, platforms: undefined, places: [repository] };
  const outcome = await verifyImage(repositories, subject, await openPolicy(directory, spec));
  return { ref: formatReference({ repository, digest }), outcome };
}
