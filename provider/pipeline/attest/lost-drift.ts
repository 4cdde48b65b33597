import type { Digest } from "../../image/digest.js";
import { isMap, type ValueMap } from "../../values.js";

const prefix = "attestations of ";

/** The output `drift` of refresh for images and manifests that have lost attestations; none where none has. */
export function describeLost(subjects: readonly Digest[]): ValueMap {
  if (subjects.length === 0) return {};
  return { drift: Object.fromEntries(subjects.map((subject) => [`${prefix}${subject}`, "missing"])) };
}

/** Whether refresh has found that attestations are lost. */
export function hasLost({ drift }: ValueMap): boolean {
  return isMap(drift) && Object.keys(drift).some((name) => name.startsWith(prefix));
}
