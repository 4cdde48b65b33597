import type { ListedFile } from "../../attestation/inventory.js";
import type { RawPath } from "../../rootfs/tree/node.js";
import { displayPath } from "../../rootfs/tree/raw-path.js";
import type { ImagePlan, LayerOrigin } from "../plan/plan.js";

/** Files that are listed of one source; the others are counted, as scanners read attestations of a few megabytes only. */
export const MAX_LISTED_FILES = 1000;

export interface PlacedFile extends Pick<ListedFile, "path" | "digest"> {
  readonly raw: RawPath;
}

/** The files that a layer places and that are in the finished image, sorted by path. */
export function filesOf({ layers, tree }: ImagePlan, origin: LayerOrigin): readonly PlacedFile[] {
  return layers
    .filter(({ from }) => from === origin)
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => {
      const found = tree.get(entry.path);
      const isPlaced = "link" in entry ? found === tree.get(entry.link) : found === entry.node;
      if (found?.content === undefined || !isPlaced) return [];
      return [{ raw: entry.path, path: displayPath(entry.path), digest: found.content.digest }];
    });
}

/** The first files, and how many more there are. */
export function listFiles<T>(files: readonly T[]): { readonly files: readonly T[]; readonly unlisted: number } {
  return { files: files.slice(0, MAX_LISTED_FILES), unlisted: Math.max(0, files.length - MAX_LISTED_FILES) };
}
