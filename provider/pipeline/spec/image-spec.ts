import type { z } from "zod";
import type { Digest } from "../../image/digest.js";
import { DhiError } from "../../errors.js";
import { formatRepository, isTag, type Repository } from "../../image/reference.js";
import type { ValueMap } from "../../values.js";
import type { Distribution } from "../../packages/packages.js";
import type { ImageInputs } from "./image-inputs.js";
import type { VerifySpec } from "./verify.js";
import type { VersionRange } from "./version-range.js";

/** The declared base image. */
export interface BaseSpec {
  readonly repository: Repository;
  readonly tag: string;
  /** From `tag@sha256:…`. */
  readonly pinned: Digest | undefined;
}

/** A base that is known by the versions it may have. */
export interface RangedBase {
  readonly repository: Repository;
  readonly range: VersionRange;
}

/** A tag to publish, and the property that declares it. */
export interface TagSpec {
  readonly tag: string;
  readonly property: string;
}

/** What becomes of earlier images. */
export interface HistorySpec {
  /** What the tags that keep images begin with. */
  readonly primary: string;
  /** Only these tags are published, for registries that refuse to move one. */
  readonly immutable: boolean;
  /** Images that stay reachable, the current one included. */
  readonly keep: number;
  /** A digest, or the tag that keeps it: the tags go back to it, and nothing is resolved or composed. */
  readonly rollbackTo: string | undefined;
}

/** The declared image, of either resource. */
export interface ImageSpec {
  readonly base: BaseSpec | undefined;
  readonly destination: Repository;
  /** The first one is part of the id. Where tags are immutable, `specFor` gives those of an image. */
  readonly tags: readonly [TagSpec, ...TagSpec[]];
  /** What the id says in place of that tag, where the tag moves with what a range matches or with the digest. */
  readonly name?: string | undefined;
  readonly inputs: ImageInputs;
  /** Whose signature the base must have. */
  readonly verify?: VerifySpec | undefined;
  /** Whether packages of the base are upgraded too where an archive has newer ones. */
  readonly upgradeInstalled?: boolean | undefined;
  /** With `suffixAllTags`: the tag under which the image is also published for another tag of the base. */
  readonly nameAlias?: ((tag: string) => string) | undefined;
  /** The other tags of the base that this is done for, once they are known. */
  readonly aliases?: readonly string[] | undefined;
  /** The distribution of the packages of an image from scratch; that of a base is detected. */
  readonly distribution?: Distribution | undefined;
  /** Undefined where no earlier images are kept. */
  readonly history?: HistorySpec | undefined;
}

/** Inputs that decide what becomes of published images, and nothing in them. */
export const historyInputs: ReadonlySet<string> = new Set(["keepPrevious", "rollbackTo", "immutableTags"]);

/** An image whose base is a range: complete once it is known which tag that means. */
export interface RangedSpec {
  /** Throws `DhiError` "invalid" where the tags that follow from it cannot be published. */
  readonly at: (tag: string) => ImageSpec;
}

/** Publishes under the tags for these tags of the base too. Throws `DhiError` "invalid" for one that would be too long. */
export function withAliases(spec: ImageSpec, aliases: readonly string[]): ImageSpec {
  const { nameAlias } = spec;
  if (nameAlias === undefined) return spec;
  const known = new Set(spec.tags.map(({ tag }) => tag));
  const more = [...new Set(aliases.map(nameAlias))].filter((tag) => !known.has(tag));
  const long = more.find((tag) => !isTag(tag));
  if (long !== undefined) {
    const hint = "Choose a shorter suffix, or remove suffixAllTags";
    throw new DhiError("invalid", `"${long}" is not a valid tag: it has more than 128 characters`, { property: "suffixAllTags", hint });
  }
  const [first, ...others] = spec.tags;
  return { ...spec, aliases, tags: [first, ...others, ...more.map((tag) => ({ tag, property: "suffixAllTags" }))] };
}

/** Whether packages are added or upgraded, so that archives are asked. */
export function usesPackages({ inputs: { packages = [] }, upgradeInstalled }: ImageSpec): boolean {
  return packages.length > 0 || upgradeInstalled === true;
}

/** The input that failures of packages are about. */
export function packagesProperty({ inputs: { packages = [] } }: ImageSpec): string {
  return packages.length > 0 ? "packages" : "upgradeInstalled";
}

/** `tag`: of the base; undefined while it is not known. */
export function specAt(declared: ImageSpec | RangedSpec, tag: string | undefined): ImageSpec | undefined {
  if (!("at" in declared)) return declared;
  return tag === undefined ? undefined : declared.at(tag);
}

/** The differences between the two resources. */
export interface ImageKind {
  readonly schema: z.ZodType<ImageSpec | RangedSpec>;
  /** Names of all input properties. */
  readonly inputs: ReadonlySet<string>;
  /** Inputs that form the id. A change of the id replaces the resource. */
  readonly identity: readonly string[];
  /** Inputs that form the id and the tags, which are shown in plain text, so none may be secret. */
  readonly shown: readonly string[];
  /**
   * The tags and destination; undefined while one of their inputs is unknown. Other inputs may be unknown. `baseTag`: what a range of
   * versions resolved to; without it the tag that follows from it is missing.
   */
  readonly identify: (inputs: ValueMap, baseTag?: string) => Identity | undefined;
  /** The base; undefined while one of its inputs is unknown, or when there is none. Other inputs may be unknown. */
  readonly identifyBase: (inputs: ValueMap) => BaseSpec | RangedBase | undefined;
}

export interface Identity {
  readonly destination: Repository;
  readonly tags: readonly string[];
  /** As in `ImageSpec`. */
  readonly name?: string;
  /** The tag follows from the digest, so it is not among `tags` while that is not known. */
  readonly immutable?: true;
}

/** `<destination repository>:<tag>`, or with a range of versions in place of the tag's version; fixed at creation. */
export function formatId({ destination, tags, name = tags[0] ?? "" }: Identity): string {
  return `${formatRepository(destination)}:${name}`;
}

export function identityOf({ destination, tags, name }: ImageSpec): Identity {
  return { destination, tags: tags.map(({ tag }) => tag), ...(name === undefined ? {} : { name }) };
}
