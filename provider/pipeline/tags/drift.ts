import type { Digest } from "../../image/digest.js";
import { equalValues, isMap, type ValueMap } from "../../values.js";
import type { TagState } from "./states.js";

/**
 * Tags that state believes right and that are not, to what they point at. Put into the checked inputs it makes the
 * update that repairs them, without a refresh; update leaves it out again.
 */
export function findDrift(olds: ValueMap, old: Digest, digest: Digest, states: ReadonlyMap<string, TagState>): ValueMap {
  const { tags } = olds;
  const believed = isMap(tags) ? tags : {};
  const moved = [...states].filter(
    ([tag, state]) => believed[tag] === old && (state.is === "absent" || (state.digest !== old && state.digest !== digest)),
  );
  if (moved.length === 0) return {};
  const drift = Object.fromEntries(moved.map(([tag, state]) => [tag, state.is === "absent" ? "missing" : state.digest]));
  // The inputs in state keep the last drift after its repair; the same one again would be no change.
  const again = equalValues(olds["drift"], drift);
  return { drift: again ? Object.fromEntries(Object.entries(drift).map(([tag, what]) => [tag, `${what} (again)`])) : drift };
}
