import { DhiError } from "../../errors.js";
import { formatRepository, isTag, type Repository } from "../../image/reference.js";
import { compileGlob, isGlob } from "../../rootfs/select/glob.js";
import { isAttachedTag } from "./attached-tags.js";

/** A tag to mirror, and the property that asked for it. */
export interface SelectedTag {
  readonly tag: string;
  readonly property: string;
}

/** Whether the tags of the source have to be listed for these. */
export function needsListing(select: readonly string[]): boolean {
  return select.some(isGlob);
}

/**
 * The tags that are named, and of `available` those that a glob matches; each once. Throws `DhiError` "not-found" for a glob without
 * a match: a source that has lost its tags, or was spelled wrongly, must not look like one that has nothing to mirror.
 */
export function selectTags(select: readonly string[], available: readonly string[], source: Repository): readonly SelectedTag[] {
  const images = available.filter((tag) => isTag(tag) && !isAttachedTag(tag));
  const all = select.flatMap((item, at): readonly SelectedTag[] => {
    const property = `select[${String(at)}]`;
    if (!isGlob(item)) return [{ tag: item, property }];
    const found = images.filter(compileGlob(item));
    if (found.length > 0) return found.map((tag) => ({ tag, property }));
    throw new DhiError("not-found", `no tag of ${formatRepository(source)} matches ${item}`, {
      property,
      hint: "Name tags that are there, or leave it out",
    });
  });
  const first = new Map<string, SelectedTag>();
  for (const selected of all) if (!first.has(selected.tag)) first.set(selected.tag, selected);
  return [...first.values()];
}
