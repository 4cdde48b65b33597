import type { ImageSpec } from "../spec/image-spec.js";
import { isList, type ValueMap } from "../../values.js";

/** The base's tags that `suffixAllTags` meant, in outputs of state or checked inputs; undefined where it was not set. */
export function storedAliases({ __aliases }: ValueMap): readonly string[] | undefined {
  return isList(__aliases) ? __aliases.filter((tag) => typeof tag === "string") : undefined;
}

export function describeAliases({ aliases }: ImageSpec): ValueMap {
  return aliases === undefined ? {} : { __aliases: aliases };
}
