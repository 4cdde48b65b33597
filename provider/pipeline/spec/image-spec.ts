import type { z } from "zod";
import type { Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { ValueMap } from "../../values.js";
import type { Distribution } from "../../packages/packages.js";
import type { ImageInputs } from "./image-inputs.js";

/** The declared base image. */
export interface BaseSpec {
  readonly repository: Repository;
  readonly tag: string;
  /** From `tag@sha256:…`. */
  readonly pinned: Digest | undefined;
}

/** A tag to publish, and the property that declares it. */
export interface TagSpec {
  readonly tag: string;
  readonly property: string;
}

/** The declared image, of either resource. */
export interface ImageSpec {
  readonly base: BaseSpec | undefined;
  readonly destination: Repository;
  /** The first one is part of the id. */
  readonly tags: readonly [TagSpec, ...TagSpec[]];
  readonly inputs: ImageInputs;
  /** The distribution of the packages of an image from scratch; that of a base is detected. */
  readonly distribution?: Distribution | undefined;
}

/** The differences between the two resources. */
export interface ImageKind {
  readonly schema: z.ZodType<ImageSpec>;
  /** Names of all input properties. */
  readonly inputs: ReadonlySet<string>;
  /** Inputs that form the id. A change of the id replaces the resource. */
  readonly identity: readonly string[];
  /** Inputs that form the id and the tags, which are shown in plain text, so none may be secret. */
  readonly shown: readonly string[];
  /** The tags and destination; undefined while one of their inputs is unknown. Other inputs may be unknown. */
  readonly identify: (inputs: ValueMap) => Identity | undefined;
  /** The base; undefined while one of its inputs is unknown, or when there is none. Other inputs may be unknown. */
  readonly identifyBase: (inputs: ValueMap) => BaseSpec | undefined;
}

export interface Identity {
  readonly destination: Repository;
  readonly tags: readonly string[];
}

/** `<destination repository>:<tag>`; fixed at creation. */
export function formatId(identity: Identity): string {
  return `${formatRepository(identity.destination)}:${identity.tags[0] ?? ""}`;
}

export function identityOf(spec: ImageSpec): Identity {
  return { destination: spec.destination, tags: spec.tags.map(({ tag }) => tag) };
}
