import { isMap, type ValueMap } from "../../values.js";

/** The names of the tags in the outputs of state. */
export function publishedTags({ tags }: ValueMap): readonly string[] {
  return isMap(tags) ? Object.keys(tags) : [];
}
