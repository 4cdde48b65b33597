import { CustomResource, type Output } from "@pulumi/pulumi";
import type { ProgramOutput } from "../provider/pipeline/state/output-names.js";
import type { Attestation, Notice, PinnedBase, Resolution } from "./outputs.js";

/** An image that this program composes and publishes. */
export abstract class PublishedImage extends CustomResource implements Readonly<Record<ProgramOutput, Output<unknown>>> {
  /** `repository@sha256:…`, for deployments. Known in preview. */
  declare readonly ref: Output<string>;
  /** Of the index. Known in preview. */
  declare readonly digest: Output<string>;
  /** Tag to the digest it points at. */
  declare readonly tags: Output<{ [tag: string]: string }>;
  /** Platform to the digest of its manifest. */
  declare readonly platformDigests: Output<{ [platform: string]: string }>;
  /** What the declared names resolved to. `ignoreChanges: ["resolution"]` keeps the image as it is. */
  declare readonly resolution: Output<Resolution>;
  /** Why the newest build differs from the one before, in words. */
  declare readonly reasons: Output<string[]>;
  /** What the user should see although it is not an error. */
  declare readonly notices: Output<Notice[]>;
  /** Empty in this release. */
  declare readonly attestations: Output<Attestation[]>;
  /** This image as the base of another, pinned: `repository` and `version` of the next `Customization`. */
  declare readonly asBase: Output<PinnedBase>;
}
