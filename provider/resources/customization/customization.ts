import { z } from "zod";
import { DhiError } from "../../errors.js";
import { isDigest } from "../../image/digest.js";
import { isTag, sameRepository } from "../../image/reference.js";
import { flag, list, object, parsed, repository, tag, text } from "../../pipeline/spec/schema.js";
import { imageInputs } from "../../pipeline/spec/image-inputs.js";
import type { BaseSpec, Identity, ImageKind, ImageSpec, RangedBase, RangedSpec } from "../../pipeline/spec/image-spec.js";
import { verify } from "../../pipeline/spec/verify.js";
import { formatRange, versionRange } from "../../pipeline/spec/version-range.js";
import { hasUnknown, isList, isMap, type Value, type ValueMap } from "../../values.js";
import { findNamingMistake, historyOf, MOST_KEEP_PREVIOUS, nameTags, suffixed, type Naming } from "./naming.js";

/** A tag of a base, optionally pinned by digest. */
export const baseVersion = parsed("a tag, or tag@sha256:…", (text) => parseVersion(text, "or 3.13@sha256:… to pin it"));

const versionHint = 'or 3.13@sha256:… to pin it, or { range: "^3.13" } for the newest in a range';

const version = z.union([parsed("a tag", (text) => parseVersion(text, versionHint)), versionRange], {
  error: ({ input }) =>
    `${input === undefined ? "is missing" : "is not a version"}. Give a tag, tag@sha256:…, or { range, variant? } such as { range: "^3.13" }`,
});

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
  version,
  suffix: z.string({ error: 'is not a string. Give a suffix such as "custom"' }).optional(),
  destination: repository.optional(),
  additionalTags: list(tag, "tags").optional(),
  suffixAllTags: flag.optional(),
  keepPrevious: keepPrevious.optional(),
  rollbackTo: rollbackTo.optional(),
  immutableTags: flag.optional(),
  upgradeInstalled: flag.optional(),
  verify: verify.optional(),
  ...imageInputs,
};

const schema = object(shape).transform((value, context): ImageSpec | RangedSpec => {
  const { repository: from, version: of, suffix, destination: to = from, additionalTags = [], upgradeInstalled, ...others } = value;
  const {
    suffixAllTags = false,
    keepPrevious: keep,
    rollbackTo: back,
    immutableTags: immutable = false,
    verify: policy,
    ...inputs
  } = others;
  const destination = to.repository;
  const naming: Naming = { suffix, additionalTags, inPlace: sameRepository(destination, from.repository), keep, immutable, suffixAllTags };
  const mistake = findNamingMistake(naming, "range" in of ? of : of.tag);
  if (mistake !== undefined) {
    context.addIssue({ code: "custom", path: [mistake.property], message: mistake.message });
    return z.NEVER;
  }
  const nameAlias = suffixAllTags ? (tag: string): string => suffixed(tag, suffix) : undefined;
  const named = (
    tag: string,
  ): Pick<ImageSpec, "destination" | "tags" | "inputs" | "history" | "upgradeInstalled" | "nameAlias" | "verify"> => ({
    destination,
    tags: nameTags(naming, tag),
    inputs,
    upgradeInstalled,
    verify: policy,
    nameAlias,
    history: historyOf(naming, tag, back),
  });
  if (!("range" in of)) {
    const id = immutable ? { name: suffixed(of.tag, suffix) } : {};
    return { base: { repository: from.repository, ...of }, ...named(of.tag), ...id };
  }
  const name = suffixed(formatRange(of), suffix);
  return {
    at: (tag) => {
      const late = findNamingMistake(naming, tag);
      if (late !== undefined) throw new DhiError("invalid", late.message, { property: late.property });
      return { base: { repository: from.repository, tag, pinned: undefined }, name, ...named(tag) };
    },
  };
});

/** A base image with additions and configuration. */
export const customizationKind: ImageKind = {
  schema,
  inputs: new Set(Object.keys(shape)),
  identity: ["repository", "version", "suffix", "destination"],
  shown: ["repository", "version", "suffix", "destination", "additionalTags", "keepPrevious", "rollbackTo", "immutableTags"],
  identify,
  identifyBase,
};

function identify(inputs: ValueMap, baseTag?: string): Identity | undefined {
  const { repository: from, version: of, suffix, destination = from, additionalTags = [], immutableTags = false } = inputs;
  const range = rangeOf(of);
  if ((typeof of !== "string" && range === undefined) || !isList(additionalTags)) return undefined;
  if (suffix !== undefined && typeof suffix !== "string") return undefined;
  const to = repository.safeParse(destination);
  const more = additionalTags.filter((item) => typeof item === "string");
  if (!to.success || more.length < additionalTags.length) return undefined;
  const tag = typeof of === "string" ? (of.split("@")[0] ?? "") : baseTag;
  const name = suffixed(range === undefined ? (tag ?? "") : formatRange(range), suffix);
  if (immutableTags !== false) return { destination: to.data.repository, tags: [], name, immutable: true };
  const tags = tag === undefined ? more : [suffixed(tag, suffix), ...more];
  return { destination: to.data.repository, tags, ...(range === undefined ? {} : { name }) };
}

function identifyBase(inputs: ValueMap): BaseSpec | RangedBase | undefined {
  const from = repository.safeParse(inputs["repository"]);
  if (!from.success) return undefined;
  const range = rangeOf(inputs["version"]);
  if (range !== undefined) return { repository: from.data.repository, range };
  const of = baseVersion.safeParse(inputs["version"]);
  return of.success ? { repository: from.data.repository, ...of.data } : undefined;
}

function rangeOf(value: Value | undefined): RangedBase["range"] | undefined {
  return isMap(value) && !hasUnknown(value) ? versionRange.safeParse(value).data : undefined;
}

function parseVersion(text: string, forms: string): Omit<BaseSpec, "repository"> {
  const [name = "", digest, ...rest] = text.split("@");
  if (!isTag(name)) {
    throw new DhiError("invalid", `"${text}" ${name === "" ? "has no tag" : "is not a valid tag"}`, {
      hint: `Write a tag such as 3.13, ${forms}`,
    });
  }
  if (rest.length > 0 || (digest !== undefined && !isDigest(digest))) {
    throw new DhiError("invalid", `"${text}" is not pinned by a digest`, { hint: "Write tag@sha256: and 64 hexadecimal digits" });
  }
  return { tag: name, pinned: digest !== undefined && isDigest(digest) ? digest : undefined };
}
