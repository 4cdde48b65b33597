import { CustomResource, type Output } from "@pulumi/pulumi";
import type { ProgramOutput } from "../provider/pipeline/state/output-names.js";
import type { Attestation, Notice, PinnedBase, Resolution } from "./outputs.js";

/** An image that this program composes and publishes. */
export abstract class PublishedImage extends CustomResource implements Readonly<Record<ProgramOutput, Output<unknown>>> {
  /** `repository@sha256:…`, for deployments. Known in preview. */
  declare readonly ref: Output<string>;
  /** Digest of the index. Known in preview. */
  declare readonly digest: Output<string>;
  /** Maps each tag to the digest that it points at. */
  declare readonly tags: Output<{ [tag: string]: string }>;
  /** Maps each platform to the digest of its manifest. */
  declare readonly platformDigests: Output<{ [platform: string]: string }>;
  /** What the declared names currently resolve to. `ignoreChanges: ["resolution"]` keeps the image as it is. */
  declare readonly resolution: Output<Resolution>;
  /** Why the latest build differs from the previous one, as sentences. */
  declare readonly reasons: Output<string[]>;
  /** What the user should know that is not an error. */
  declare readonly notices: Output<Notice[]>;
  /** Empty in this release. */
  declare readonly attestations: Output<Attestation[]>;
  /** This image as the pinned base of another: `repository` and `version` of the next `Customization`. */
  declare readonly asBase: Output<PinnedBase>;
}
