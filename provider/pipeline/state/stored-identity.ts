import { omit, type ValueMap } from "../../values.js";
import type { Identity, ImageKind } from "../spec/image-spec.js";
import { parseHistory } from "./history.js";
import { derivedProperties } from "./output-names.js";
import { parseResolution } from "./resolution.js";

/** Destination and tags of an image by what state has, or checked inputs: a range means there what it matched, and an immutable tag is known. */
export function storedIdentity(kind: ImageKind, outputs: ValueMap): Identity | undefined {
  const identity = kind.identify(omit(outputs, derivedProperties), storedBaseTag(outputs));
  if (identity?.immutable !== true) return identity;
  const tag = parseHistory(outputs).find(({ digest }) => digest === outputs["digest"])?.tag;
  return { ...identity, tags: tag === undefined ? [] : [tag] };
}

/** The tag of the base that an image in state was made of. */
export function storedBaseTag({ resolution }: ValueMap): string | undefined {
  return parseResolution(resolution)?.base?.tag;
}
