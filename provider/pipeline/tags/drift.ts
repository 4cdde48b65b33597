import type { Digest } from "../../image/digest.js";
import { equalValues, isMap, type ValueMap } from "../../values.js";
import type { TagState } from "./states.js";

/**
 * Tags that no longer point at the digest in state, by what they point at. As a checked input it causes the update that
 * repairs them, without a refresh; the update removes it.
 */
export function findDrift(olds: ValueMap, old: Digest, digest: Digest, states: ReadonlyMap<string, TagState>): ValueMap {
  const { tags } = olds;
  const recorded = isMap(tags) ? tags : {};
  const moved = [...states].filter(
    ([tag, state]) => recorded[tag] === old && (state.is === "absent" || (state.digest !== old && state.digest !== digest)),
  );
  if (moved.length === 0) return {};
  const drift = Object.fromEntries(moved.map(([tag, state]) => [tag, state.is === "absent" ? "missing" : state.digest]));
  // The inputs in state keep the last drift after its repair: without a mark, the same drift would not be a change.
  const again = equalValues(olds["drift"], drift);
  return { drift: again ? Object.fromEntries(Object.entries(drift).map(([tag, what]) => [tag, `${what} (again)`])) : drift };
}
