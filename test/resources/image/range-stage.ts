import type { ValueMap } from "../../../provider/values.js";
import { baseParts, type Workshop } from "../../pipeline/workshop.js";

let count = 0;

/** A base of 3.12.9, 3.13.1 and 3.13.1-dev, and the inputs of an image of the newest in `^3.13`. */
export async function startRange(shop: Workshop, more: ValueMap = {}): Promise<{ readonly at: string; readonly inputs: ValueMap }> {
  const at = `oci:ranged-${String((count += 1))}`;
  for (const tag of ["3.12.9", "3.13.1", "3.13.1-dev"]) await shop.put(at, tag, baseParts(tag));
  return { at, inputs: { repository: at, version: { range: "^3.13" }, suffix: "custom", ...more } };
}
