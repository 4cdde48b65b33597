import type { CustomResourceOptions, ID, Input } from "@pulumi/pulumi";
import { programOutputs } from "../provider/pipeline/state/output-names.js";
import type { ContentArgs } from "./content-args.js";
import { PublishedImage } from "./published-image.js";
import { prepareResource, providerText } from "./resource-inputs.js";

/** The content of an image from scratch. */
export interface OciArtifactArgs extends ContentArgs {
  /** Repository to publish to, `registry/name` or `oci:path`. */
  repository: Input<string>;
  /** Tag to publish. */
  tag: Input<string>;
  /** Distribution to install packages of, such as `debian:bookworm` or `alpine:3.19`; required with packages. */
  distribution?: Input<string> | undefined;
}

const type = "pulumi-nodejs:dynamic/dhi:OciArtifact";

/** An image from scratch: files for other images to include, or a whole small base. */
export class OciArtifact extends PublishedImage {
  /** @internal */
  static readonly __pulumiType = type;

  /** Throws `RunError` for the option `import`, and when the engine would not find the provider. */
  constructor(name: string, args: OciArtifactArgs, opts?: CustomResourceOptions) {
    const registration = prepareResource(type, providerText("ociArtifact"), programOutputs, name, args, opts);
    super(type, name, registration.inputs, registration.opts);
  }

  /**
   * Refers to an image that another program publishes, by its id `repository:tag`. It has `ref`, `digest`, `tags` and `platformDigests`.
   */
  static get(name: string, id: Input<ID>, opts?: CustomResourceOptions): OciArtifact {
    return new OciArtifact(name, {} as OciArtifactArgs, { ...opts, id });
  }

  /** True for an `OciArtifact`, including one of another copy of this package. */
  static override isInstance(obj: unknown): obj is OciArtifact {
    return typeof obj === "object" && obj !== null && "__pulumiType" in obj && obj.__pulumiType === type;
  }
}
