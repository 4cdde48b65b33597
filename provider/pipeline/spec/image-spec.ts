import type { z } from "zod";
import type { Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import type { ValueMap } from "../../values.js";
import type { Distribution } from "../../packages/packages.js";
import type { ImageInputs } from "./image-inputs.js";

/** The image to customize, as declared. */
export interface BaseSpec {
  readonly repository: Repository;
  readonly tag: string;
  /** From `tag@sha256:…`. */
  readonly pinned: Digest | undefined;
}

/** A tag to publish, and the property that asked for it. */
export interface TagSpec {
  readonly tag: string;
  readonly property: string;
}

/** What becomes of earlier images. */
export interface HistorySpec {
  /** Images that stay reachable, the current one included. */
  readonly keep: number;
  /** A digest, or the tag that keeps it: the tags go back to it, and nothing is resolved or composed. */
  readonly rollbackTo: string | undefined;
}

/** What either resource asks for. */
export interface ImageSpec {
  readonly base: BaseSpec | undefined;
  readonly destination: Repository;
  /** The first is the one that the id names. */
  readonly tags: readonly [TagSpec, ...TagSpec[]];
  readonly inputs: ImageInputs;
  /** What packages of an image from scratch are of; a base says it itself. */
  readonly distribution?: Distribution | undefined;
  /** Undefined where no earlier images are kept. */
  readonly history?: HistorySpec | undefined;
}

/** Inputs that decide what becomes of published images, and nothing in them. */
export const historyInputs: ReadonlySet<string> = new Set(["keepPrevious", "rollbackTo"]);

/** What tells the two resources apart. */
export interface ImageKind {
  readonly schema: z.ZodType<ImageSpec>;
  /** Names of all input properties. */
  readonly inputs: ReadonlySet<string>;
  /** Inputs that make the id. A change of the id replaces the resource. */
  readonly identity: readonly string[];
  /** Inputs that make the id and the tags, which are shown in clear, so none may be secret. */
  readonly shown: readonly string[];
  /** The tags and destination, from inputs of which others may still be unknown; undefined when these are. */
  readonly identify: (inputs: ValueMap) => Identity | undefined;
  /** The base, from inputs of which others may still be unknown; undefined when it is, or when there is none. */
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
