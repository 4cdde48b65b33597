import { z } from "zod";
import { digestSchema } from "../../provider/image/digest.js";
import { mapOf } from "../../provider/image/lenient.js";
import { parseResolution, type Resolution } from "../../provider/pipeline/state/resolution.js";
import { ownValue, type Value, type ValueMap } from "../../provider/values.js";
import type { BaseVersion, Move, NamedMove, PackageMove } from "./stack-image.js";

type Texts = Readonly<Record<string, string>>;

const digests = mapOf(digestSchema);
const baseSchema = z.object({ tag: z.string(), digest: digestSchema });

/** The two sides, without the one that is undefined. */
export function moveOf<T>(old: T | undefined, now: T | undefined): Move<T> {
  return { ...(old === undefined ? {} : { old }), ...(now === undefined ? {} : { new: now }) };
}

/** Of outputs: what is secret or not known yet is left out. */
export function digestMove(old: ValueMap, now: ValueMap): Move {
  return moveOf(digestSchema.safeParse(old["digest"]).data, digestSchema.safeParse(now["digest"]).data);
}

export function baseMove(old: ValueMap, now: ValueMap): Move<BaseVersion> {
  return moveOf(baseSchema.safeParse(old["base"]).data, baseSchema.safeParse(now["base"]).data);
}

/** `old` and `now`: maps of names to digests. */
export function digestMoves(old: Value | undefined, now: Value | undefined): readonly NamedMove[] {
  return movesBetween(digests.safeParse(old).data ?? {}, digests.safeParse(now).data ?? {});
}

export function artifactMoves(old: ValueMap, now: ValueMap): readonly NamedMove[] {
  return movesBetween(resolutionOf(old)?.artifacts ?? {}, resolutionOf(now)?.artifacts ?? {});
}

/** Each package once for all platforms on which it moves alike, by name. */
export function packageMoves(old: ValueMap, now: ValueMap): readonly PackageMove[] {
  const [before, after] = [resolutionOf(old)?.packages ?? {}, resolutionOf(now)?.packages ?? {}];
  const moves = new Map<string, PackageMove>();
  for (const platform of namesOf(before, after)) {
    for (const move of movesBetween(ownValue(before, platform) ?? {}, ownValue(after, platform) ?? {})) {
      const key = JSON.stringify([move.name, move.old, move.new]);
      moves.set(key, { ...move, platforms: [...(moves.get(key)?.platforms ?? []), platform] });
    }
  }
  return [...moves.values()].sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

function resolutionOf({ resolution }: ValueMap): Resolution | undefined {
  return parseResolution(resolution);
}

function movesBetween(before: Texts, after: Texts): readonly NamedMove[] {
  return namesOf(before, after)
    .filter((name) => ownValue(before, name) !== ownValue(after, name))
    .map((name) => ({ name, ...moveOf(ownValue(before, name), ownValue(after, name)) }));
}

function namesOf(before: object, after: object): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
}
