import { isDigest, type Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { UsedArchive } from "../../packages/used-archive.js";
import { omit, type ValueMap } from "../../values.js";
import { parseLayerRecords, type LayerRecords } from "./layer-records.js";
import { derivedProperties } from "./output-names.js";
import { parseArchives } from "../resolve/resolved-packages.js";
import { parseResolution, type Resolution } from "./resolution.js";
import { storedIdentity } from "./stored-identity.js";
import type { ImageKind } from "../spec/image-spec.js";

/** The image in state. */
export interface OldImage {
  readonly inputs: ValueMap;
  /** The repository where it was published. */
  readonly destination: Repository | undefined;
  readonly resolution: Resolution | undefined;
  readonly archives: readonly UsedArchive[];
  readonly digest: Digest;
  readonly records: LayerRecords;
}

/** Undefined for a new image. */
export function parseOldImage(kind: ImageKind, olds: ValueMap): OldImage | undefined {
  const { digest } = olds;
  if (!isDigest(digest)) return undefined;
  const inputs = omit(olds, derivedProperties);
  return {
    inputs,
    destination: storedIdentity(kind, olds)?.destination,
    resolution: parseResolution(olds["resolution"]),
    archives: parseArchives(olds["archives"]) ?? [],
    digest,
    records: parseLayerRecords(olds),
  };
}
