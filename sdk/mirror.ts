import { CustomResource, type CustomResourceOptions, type ID, type Input, type Output } from "@pulumi/pulumi";
import { mirrorOutputs } from "../provider/pipeline/mirror/output-names.js";
import type { InputList } from "./input-types.js";
import type { VersionRangeArgs } from "./customization.js";
import type { VerifyArgs } from "./verify-args.js";
import { prepareResource, providerText } from "./resource-inputs.js";

/** Where signatures, attestations and SBOMs are copied from, beside the source itself. */
export interface ReferrersArgs {
  /** Another repository that has some of them: `registry/name`, or `oci:path`. */
  source: Input<string>;
}

/** How old an image must be. */
export interface ImageAge {
  /** A duration such as `72h`. Default: any age. */
  images?: Input<string> | undefined;
}

/** Which images of one repository another one keeps, with all their platforms. */
export interface MirrorArgs {
  /** Repository to copy from, `registry/name` or `oci:path`. */
  source: Input<string>;
  /** Repository to copy to. */
  destination: Input<string>;
  /** Tags, globs such as `3.13*`, and ranges: every tag in it of its variant. `["*"]` is every tag. */
  select: InputList<string | VersionRangeArgs>;
  /**
   * Also copy signatures, attestations and SBOMs of these images. Default true. `{ source }` names another repository that has some of
   * them.
   */
  referrers?: Input<boolean> | Input<ReferrersArgs> | undefined;
  /** Whose signature each image must have; one that has none stops the mirror. Default: stack config `dhi:verify`. */
  verify?: Input<VerifyArgs> | undefined;
  /** How old an image must be before it is copied, such as `72h`. Default: of any age. */
  minimumAge?: Input<string> | Input<ImageAge> | undefined;
  /** Replace tags at the destination that were not mirrored. Default false. */
  overwrite?: Input<boolean> | undefined;
  /** Delete the mirrored tags together with this resource. Default false. */
  deleteImages?: Input<boolean> | undefined;
}

const type = "pulumi-nodejs:dynamic/dhi:Mirror";

/** A repository that is kept in step with another one, with the same digests. Another `destination` replaces it. */
export class Mirror extends CustomResource {
  /** @internal */
  static readonly __pulumiType = type;
  /** The destination. A `Customization` of it reads what is not copied yet from the source. Known in preview. */
  declare readonly repository: Output<string>;
  /** Maps each tag to its digest. Known in preview. */
  declare readonly images: Output<{ [tag: string]: string }>;
  /** Why the latest update copied something, as sentences. */
  declare readonly reasons: Output<string[]>;

  /** Throws `RunError` for the option `import`, and when the engine would not find the provider. */
  constructor(name: string, args: MirrorArgs, opts?: CustomResourceOptions) {
    const registration = prepareResource(type, providerText("mirror"), mirrorOutputs, name, args, opts);
    super(type, name, registration.inputs, registration.opts);
  }

  /** Refers to a repository that another program mirrors, by its name. */
  static get(name: string, id: Input<ID>, opts?: CustomResourceOptions): Mirror {
    return new Mirror(name, {} as MirrorArgs, { ...opts, id });
  }

  /** True for a `Mirror`, including one of another copy of this package. */
  static override isInstance(obj: unknown): obj is Mirror {
    return typeof obj === "object" && obj !== null && "__pulumiType" in obj && obj.__pulumiType === type;
  }
}
