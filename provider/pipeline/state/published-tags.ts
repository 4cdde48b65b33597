import { isMap, type ValueMap } from "../../values.js";

/** The names of the tags that outputs of state have. */
export function publishedTags({ tags }: ValueMap): readonly string[] {
  return isMap(tags) ? Object.keys(tags) : [];
}
