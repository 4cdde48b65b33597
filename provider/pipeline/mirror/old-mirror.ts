import { digestSchema, isDigest, type Digest } from "../../image/digest.js";
import { mapOf } from "../../image/lenient.js";
import { isList, ownValue, type ValueMap } from "../../values.js";
import type { Attached } from "./find-attached.js";

/** What state, or what an earlier check has left of it, says of a mirror. */
export interface OldMirror {
  /** Tag to digest as it was last copied or seen. */
  readonly images: Readonly<Record<string, Digest>>;
  /** All tags that are its own, also those that a refresh did not find. */
  readonly tags: readonly string[];
  readonly attached: Attached;
  readonly reasons: readonly string[];
  /** The digests of a tag that are this mirror's own. */
  readonly known: (tag: string) => readonly Digest[];
}

const digests = mapOf(digestSchema);

function mapIn(values: ValueMap, name: string): Readonly<Record<string, Digest>> {
  return digests.safeParse(values[name]).data ?? {};
}

/** Undefined for a new mirror. */
export function parseOldMirror(values: ValueMap | undefined): OldMirror | undefined {
  if (values?.["images"] === undefined) return undefined;
  const images = mapIn(values, "images");
  const copied = mapIn(values, "copied");
  const replaced = mapIn(values, "replaced");
  const attached = mapIn(values, "attached");
  const { reasons } = values;
  return {
    images,
    tags: [...new Set([...Object.keys(images), ...Object.keys(copied)])],
    attached,
    reasons: isList(reasons) ? reasons.filter((reason) => typeof reason === "string") : [],
    // Where a refresh saw something else than was copied, what was copied is ours and not what is there.
    known: (tag) => [ownValue(copied, tag) ?? ownValue(images, tag), ownValue(replaced, tag), ownValue(attached, tag)].filter(isDigest),
  };
}
