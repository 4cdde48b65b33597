import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository, isTag, type Repository } from "../../image/reference.js";
import { compileGlob, isGlob } from "../../rootfs/select/glob.js";
import { describeMiss, isInRange, type VersionRange } from "../spec/version-range.js";
import { isAttachedTag } from "./attached-tags.js";

/** A tag, a glob, or a range of versions. */
export type Selector = string | VersionRange;

/** A tag to mirror, and the property that asked for it. */
export interface SelectedTag {
  readonly tag: string;
  readonly property: string;
  /** Whether it is named itself, and not only matched. */
  readonly isNamed: boolean;
}

/** A tag to mirror, and what it points at. */
export interface FoundImage extends Omit<SelectedTag, "isNamed"> {
  readonly digest: Digest;
}

/** Whether the tags of the source have to be listed for these. */
export function needsListing(select: readonly Selector[]): boolean {
  return select.some((item) => typeof item !== "string" || isGlob(item));
}

/**
 * The tags that are named, and of `available` those that a glob matches or that lie in a range; each once. Throws `DhiError` "not-found" for
 * a glob or range without a match: a source that has lost its tags, or was spelled wrongly, must not look like one that has nothing to mirror.
 */
export function selectTags(select: readonly Selector[], available: readonly string[], source: Repository): readonly SelectedTag[] {
  const images = available.filter((tag) => isTag(tag) && !isAttachedTag(tag));
  const all = select.flatMap((item, at): readonly SelectedTag[] => {
    const property = `select[${String(at)}]`;
    if (typeof item === "string" && !isGlob(item)) return [{ tag: item, property, isNamed: true }];
    const found = images.filter(typeof item === "string" ? compileGlob(item) : (tag) => isInRange(item, tag));
    if (found.length === 0) throw noMatch(item, images, source).within({ property });
    return found.map((tag) => ({ tag, property, isNamed: select.includes(tag) }));
  });
  const first = new Map<string, SelectedTag>();
  for (const selected of all) if (!first.has(selected.tag)) first.set(selected.tag, selected);
  return [...first.values()];
}

function noMatch(item: Selector, images: readonly string[], source: Repository): DhiError {
  if (typeof item !== "string")
    return new DhiError("not-found", describeMiss(source, item, images), { hint: "Change range or variant, or leave it out" });
  const hint = "Name tags that are there, or leave it out";
  return new DhiError("not-found", `no tag of ${formatRepository(source)} matches ${item}`, { hint });
}
