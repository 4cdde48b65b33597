import { z } from "zod";
import { mapOf } from "../../image/lenient.js";
import type { ValueMap } from "../../values.js";

/**
 * Image digest to the time from which its age counts, ISO 8601: the later of when it was made and when this stack first saw it; and
 * `package <name>=<version>` to the date of its archive. Only of what the declared names mean now and that is not taken yet: what was
 * withdrawn in between starts again.
 */
export type FirstSights = ReadonlyMap<string, string>;

const sightsSchema = mapOf(z.iso.datetime());

/** The first sights in state; invalid entries are dropped. */
export function parseFirstSights({ __firstSeen }: ValueMap): FirstSights {
  return new Map(Object.entries(sightsSchema.safeParse(__firstSeen).data ?? {}));
}

export function describeFirstSights(sights: FirstSights): ValueMap {
  if (sights.size === 0) return {};
  return { __firstSeen: Object.fromEntries([...sights].sort(([one], [other]) => (one < other ? -1 : 1))) };
}
