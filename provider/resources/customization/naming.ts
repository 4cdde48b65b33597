import { digestOf } from "../../image/digest.js";
import { isTag } from "../../image/reference.js";
import { keptTag } from "../../pipeline/state/history.js";
import type { HistorySpec, TagSpec } from "../../pipeline/spec/image-spec.js";
import { exampleTag, formatRange, isInRange, type VersionRange } from "../../pipeline/spec/version-range.js";

/** What the published tags are made of, beside the tag of the base. */
export interface Naming {
  readonly suffix: string | undefined;
  readonly additionalTags: readonly string[];
  /** Published into the repository of the base. */
  readonly inPlace: boolean;
  /** `keepPrevious` as declared. */
  readonly keep: number | undefined;
  /** Only tags that keep an image are published. */
  readonly immutable: boolean;
  /** Also published for other tags of the base. */
  readonly suffixAllTags: boolean;
}

/** Without `keepPrevious`. */
export const DEFAULT_KEEP_PREVIOUS = 3;
/** Each costs a request at every update, and a line in state. */
export const MOST_KEEP_PREVIOUS = 100;

/** An invalid input, and why, with the way out. */
export interface NamingMistake {
  readonly property: "suffix" | "additionalTags" | "suffixAllTags" | "keepPrevious" | "immutableTags";
  readonly message: string;
}

const suffixHint = "a suffix has letters, digits, dots, dashes and underscores, and makes a tag of at most 128 characters";

/** The first mistake. `base`: its tag, or the range while the tag is not resolved: then less can be checked. */
export function findNamingMistake(naming: Naming, base: string | VersionRange): NamingMistake | undefined {
  const { suffix, additionalTags, inPlace, keep, immutable, suffixAllTags } = naming;
  if (suffix === undefined && inPlace) {
    const message = "is missing, and without it the base's own tag would be overwritten. Give a suffix, or another destination";
    return { property: "suffix", message };
  }
  const isKnown = typeof base === "string";
  const primary = suffixed(isKnown ? base : exampleTag(base), suffix);
  // How long a tag in a range is shows when it is found.
  if (!isTag(isKnown ? primary : suffixed("0", suffix)) || suffix === "") {
    return { property: "suffix", message: `"${suffix ?? ""}" gives "${primary}", which is not a valid tag: ${suffixHint}` };
  }
  if (immutable && additionalTags.length > 0) {
    const message = "would have to move with each image, which immutableTags rules out. Remove them, or unset immutableTags";
    return { property: "additionalTags", message };
  }
  if (immutable && suffixAllTags) {
    const message = "adds tags that would have to move with each image, which immutableTags rules out. Remove one of the two";
    return { property: "suffixAllTags", message };
  }
  const repeated = additionalTags.find((text, at) => (isKnown && text === primary) || additionalTags.indexOf(text) !== at);
  if (repeated !== undefined) return { property: "additionalTags", message: `"${repeated}" is already published. Remove it` };
  const own = inPlace ? additionalTags.find((text) => (isKnown ? text === base : isInRange(base, text))) : undefined;
  if (own === undefined) {
    const needsRoom = immutable || (keep !== undefined && keep > 1);
    return isKnown && needsRoom && !hasRoom(primary) ? keptTooLong(primary, immutable) : undefined;
  }
  const what = isKnown ? "is the base's own tag" : `lies in ${formatRange(base)}, and would be the base of the next update`;
  return { property: "additionalTags", message: `"${own}" ${what}. Remove it` };
}

/** The tags to publish for a tag of the base. */
export function nameTags({ suffix, additionalTags }: Naming, tag: string): readonly [TagSpec, ...TagSpec[]] {
  const more = additionalTags.map((text, at): TagSpec => ({ tag: text, property: `additionalTags[${String(at)}]` }));
  return [{ tag: suffixed(tag, suffix), property: suffix === undefined ? "version" : "suffix" }, ...more];
}

export function suffixed(text: string, suffix: string | undefined): string {
  return suffix === undefined ? text : `${text}_${suffix}`;
}

/** What becomes of earlier images of a tag of the base. */
export function historyOf({ suffix, keep, immutable }: Naming, tag: string, rollbackTo: string | undefined): HistorySpec {
  const primary = suffixed(tag, suffix);
  return { keep: keep ?? (hasRoom(primary) ? DEFAULT_KEEP_PREVIOUS : 1), rollbackTo, primary, immutable };
}

/** Whether a tag leaves room for that of a kept image. */
function hasRoom(tag: string): boolean {
  return keptTag(tag, digestOf("")) !== undefined;
}

function keptTooLong(tag: string, immutable: boolean): NamingMistake {
  const message = `needs room for a short digest after the tag, and "${tag}" is too long for that. Choose a shorter suffix`;
  return immutable ? { property: "immutableTags", message } : { property: "keepPrevious", message: `${message}, or keep 1` };
}
