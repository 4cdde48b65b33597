import type { CustomResourceOptions, ID, Input, Output } from "@pulumi/pulumi";
import { programOutputs } from "../provider/pipeline/state/output-names.js";
import type { ContentArgs } from "./content-args.js";
import type { InputList } from "./input-types.js";
import { historyOutputs, rememberHistory } from "./known-histories.js";
import type { ResolvedBase } from "./outputs.js";
import { PublishedImage } from "./published-image.js";
import { prepareResource, providerText } from "./resource-inputs.js";
import type { VerifyArgs } from "./verify-args.js";

/**
 * The newest tag of the form `<semver>` or `<semver>-<variant>` whose numbers lie in `range` and whose rest is exactly `variant`. Without
 * `variant` only bare versions count: `-dev`, `-fips`, suffixed tags are never taken. Tags with fewer numbers count as well: `3.13` is
 * version 3.13.0, and of `3.13` and `3.13.0` the latter is taken.
 */
export interface VersionRangeArgs {
  /** A range as npm reads it, such as `^3.13`, `~3.13.1` or `>=3.12 <4`; at most 256 characters. */
  range: Input<string>;
  /** What follows the version and a dash: `dev` for `3.13.2-dev`. Default: nothing follows. */
  variant?: Input<string> | undefined;
}

/** A base image and the changes to it. */
export interface CustomizationArgs extends ContentArgs {
  /** The mirrored repository, `registry/name` or `oci:path`. */
  repository: Input<string>;
  /** Tag of the base, `tag@sha256:…`, or a range of versions. */
  version: Input<string> | Input<VersionRangeArgs>;
  /** Suffix of the published tag: `3.13` and `custom` give `3.13_custom`; with a range, of the tag that it matched. Required unless `destination` is another repository. */
  suffix?: Input<string> | undefined;
  /** Repository to publish to. Default: `repository`. */
  destination?: Input<string> | undefined;
  /** Further tags to publish, besides the tag of version and suffix. */
  additionalTags?: InputList<string> | undefined;
  /**
   * Also publish for every other tag of the base's variant that points at the same base: `3.13.2_custom` and `3.13_custom` where `3.13.2` and
   * `3.13` are one image. A tag that no longer points at it is removed again. Default false.
   */
  suffixAllTags?: Input<boolean> | undefined;
  /**
   * How many images stay reachable under `<tag>-<short digest>`, the current one included; 1 to 100. Default 3; 1 writes no such tag.
   * Counts from the next update on.
   */
  keepPrevious?: Input<number> | undefined;
  /**
   * Moves the tags back to an image that is kept: its digest, or its tag `<tag>-<short digest>`. While it is set nothing is resolved or
   * composed, whatever else changes.
   */
  rollbackTo?: Input<string> | undefined;
  /**
   * Publishes only `<tag>-<short digest>`, for registries that refuse to move a tag: each image has a tag of its own, which never moves.
   * Excludes `additionalTags` and `suffixAllTags`. Default false.
   */
  immutableTags?: Input<boolean> | undefined;
  /**
   * Also upgrade every package of the base that an archive has in a newer version, as `apt-get upgrade` and `apk upgrade` do, with the
   * packages that these need. Nothing is removed. Default false: packages of the base are upgraded only where `packages` need it.
   */
  upgradeInstalled?: Input<boolean> | undefined;
  /** Whose signature the base must have; nothing of one that has none is used. Default: stack config `dhi:verify`. */
  verify?: Input<VerifyArgs> | undefined;
}

const type = "pulumi-nodejs:dynamic/dhi:Customization";

/**
 * A customized image. A change of its content updates it in place; a change of its tag or destination replaces it,
 * creating the new one first.
 */
export class Customization extends PublishedImage {
  /** @internal */
  static readonly __pulumiType = type;
  /** The base that the declared version resolved to. Known in preview. */
  declare readonly base: Output<ResolvedBase>;

  /** Throws `RunError` for the option `import`, and when the engine would not find the provider. */
  constructor(name: string, args: CustomizationArgs, opts?: CustomResourceOptions) {
    const outputs = [...programOutputs, "base", ...historyOutputs];
    const registration = prepareResource(type, providerText("customization"), outputs, name, args, opts);
    super(type, name, registration.inputs, registration.opts);
    // An image that is only read is another program's: its registry is asked.
    if (opts?.id === undefined) rememberHistory(this);
  }

  /**
   * Refers to an image that another program publishes, by its id `repository:tag`. It has `ref`, `digest`, `tags` and `platformDigests`.
   */
  static get(name: string, id: Input<ID>, opts?: CustomResourceOptions): Customization {
    return new Customization(name, {} as CustomizationArgs, { ...opts, id });
  }

  /** True for a `Customization`, including one of another copy of this package. */
  static override isInstance(obj: unknown): obj is Customization {
    return typeof obj === "object" && obj !== null && "__pulumiType" in obj && obj.__pulumiType === type;
  }
}
