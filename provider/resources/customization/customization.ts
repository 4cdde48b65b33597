import { z } from "zod";
import { DhiError } from "../../errors.js";
import { digestOf, isDigest } from "../../image/digest.js";
import { isTag, sameRepository } from "../../image/reference.js";
import { list, object, parsed, repository, tag, text } from "../../pipeline/spec/schema.js";
import { imageInputs } from "../../pipeline/spec/image-inputs.js";
import type { BaseSpec, Identity, ImageKind, ImageSpec, TagSpec } from "../../pipeline/spec/image-spec.js";
import { keptTag } from "../../pipeline/state/history.js";
import { isList, type ValueMap } from "../../values.js";

/** A tag of a base, or one that is pinned. */
export const baseVersion = parsed("a tag, or tag@sha256:…", parseVersion);

const suffixHint = "a suffix has letters, digits, dots, dashes and underscores, and makes a tag of at most 128 characters";

/** Without `keepPrevious`. */
export const DEFAULT_KEEP_PREVIOUS = 3;
/** Each costs a request at every update, and a line in state. */
export const MOST_KEEP_PREVIOUS = 100;

const keepPrevious = z
  .number({ error: "is not a number. Give how many images to keep, the current one included" })
  .refine((value) => Number.isInteger(value) && value >= 1 && value <= MOST_KEEP_PREVIOUS, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is not a number of images to keep. Give a whole number from 1 (the current one alone) to ${String(MOST_KEEP_PREVIOUS)}`,
  });

const rollbackTo = text("a digest, or a tag that keeps an earlier image").refine((value) => isDigest(value) || isTag(value), {
  error: ({ input }) => `${JSON.stringify(input)} is not a digest or a tag. Give sha256:… or <tag>-<short digest> of a kept image`,
});

const shape = {
  repository,
  version: baseVersion,
  suffix: z.string({ error: 'is no string. Give a suffix such as "custom"' }).optional(),
  destination: repository.optional(),
  additionalTags: list(tag, "tags").optional(),
  keepPrevious: keepPrevious.optional(),
  rollbackTo: rollbackTo.optional(),
  ...imageInputs,
};

const schema = object(shape).transform((value, context): ImageSpec => {
  const { repository: from, version: of, suffix, destination, additionalTags, keepPrevious: keep, rollbackTo: back, ...inputs } = value;
  const base: BaseSpec = { repository: from.repository, ...of };
  const to = destination?.repository ?? from.repository;
  const inPlace = sameRepository(to, from.repository);
  if (suffix === undefined && inPlace) {
    context.addIssue({
      code: "custom",
      path: ["suffix"],
      message: "is missing, and without it the base's own tag would be overwritten. Give a suffix, or another destination",
    });
    return z.NEVER;
  }
  const primary = suffixed(of.tag, suffix);
  if (!isTag(primary) || suffix === "") {
    context.addIssue({ code: "custom", path: ["suffix"], message: `"${suffix ?? ""}" gives "${primary}", which is no tag: ${suffixHint}` });
    return z.NEVER;
  }
  const more = (additionalTags ?? []).map((text, at): TagSpec => ({ tag: text, property: `additionalTags[${String(at)}]` }));
  const repeated = more.find(({ tag: text }, at) => text === primary || more.findIndex((other) => other.tag === text) !== at);
  if (repeated !== undefined) {
    context.addIssue({ code: "custom", path: ["additionalTags"], message: `"${repeated.tag}" is published already. Leave it out` });
    return z.NEVER;
  }
  if (inPlace && more.some(({ tag: text }) => text === of.tag)) {
    context.addIssue({ code: "custom", path: ["additionalTags"], message: `"${of.tag}" is the base's own tag. Leave it out` });
    return z.NEVER;
  }
  const hasRoom = keptTag(primary, digestOf("")) !== undefined;
  if (!hasRoom && keep !== undefined && keep > 1) {
    const message = `needs room for a short digest after the tag, and "${primary}" is too long for that. Choose a shorter suffix, or keep 1`;
    context.addIssue({ code: "custom", path: ["keepPrevious"], message });
    return z.NEVER;
  }
  return {
    base,
    destination: to,
    tags: [{ tag: primary, property: suffix === undefined ? "version" : "suffix" }, ...more],
    inputs,
    history: { keep: keep ?? (hasRoom ? DEFAULT_KEEP_PREVIOUS : 1), rollbackTo: back },
  };
});

/** A base with what is added to it and configured. */
export const customizationKind: ImageKind = {
  schema,
  inputs: new Set(Object.keys(shape)),
  identity: ["repository", "version", "suffix", "destination"],
  shown: ["repository", "version", "suffix", "destination", "additionalTags", "keepPrevious", "rollbackTo"],
  identify,
  identifyBase,
};

function identify(inputs: ValueMap): Identity | undefined {
  const { repository: from, version: of, suffix, destination = from, additionalTags = [] } = inputs;
  if (typeof of !== "string" || !isList(additionalTags)) return undefined;
  if (suffix !== undefined && typeof suffix !== "string") return undefined;
  const to = repository.safeParse(destination);
  const tags = additionalTags.filter((item) => typeof item === "string");
  if (!to.success || tags.length < additionalTags.length) return undefined;
  return { destination: to.data.repository, tags: [suffixed(of.split("@")[0] ?? "", suffix), ...tags] };
}

function identifyBase(inputs: ValueMap): BaseSpec | undefined {
  const from = repository.safeParse(inputs["repository"]);
  const of = baseVersion.safeParse(inputs["version"]);
  return from.success && of.success ? { repository: from.data.repository, ...of.data } : undefined;
}

function suffixed(text: string, suffix: string | undefined): string {
  return suffix === undefined ? text : `${text}_${suffix}`;
}

function parseVersion(text: string): Omit<BaseSpec, "repository"> {
  const [name = "", digest, ...rest] = text.split("@");
  if (!isTag(name)) {
    throw new DhiError("invalid", `"${text}" ${name === "" ? "has no tag" : "is no tag"}`, {
      hint: "Write a tag such as 3.13, or 3.13@sha256:… to pin it",
    });
  }
  if (rest.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw new DhiError("invalid", `"${text}" is not pinned by a digest`, { hint: "Write tag@sha256: and 64 hexadecimal digits" });
  }
  return { tag: name, pinned: digest !== undefined && isDigest(digest) ? digest : undefined };
}
