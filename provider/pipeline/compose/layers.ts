import { OCI_LAYER_GZIP, OCI_LAYER_ZSTD } from "../../image/media-types.js";
import { layerKey } from "../../rootfs/layers/key.js";
import { formatSize } from "../../text/format-size.js";
import { LAYER_KEY_ANNOTATION } from "../annotations.js";
import type { PlannedLayer } from "../plan/plan.js";
import { bigLayer } from "../sources/source-layers.js";
import type { Composing } from "./composing.js";
import type { OwnLayer } from "./composition.js";
import type { ContentReader } from "./content-reader.js";
import { obtainLayer } from "./obtain-layer.js";

/** The planned layers in their order: each is found at the destination, found in the cache, or written. Closes the reader. */
export async function makeLayers(
  { session, reusable, log }: Composing,
  planned: readonly PlannedLayer[],
  compression: "gzip" | "zstd",
  reader: ContentReader,
): Promise<readonly OwnLayer[]> {
  const made: OwnLayer[] = [];
  const mediaType = compression === "gzip" ? OCI_LAYER_GZIP : OCI_LAYER_ZSTD;
  try {
    for (const { title, entries } of planned) {
      const key = layerKey(entries, compression);
      const old = await reusable(key, mediaType);
      const bytes = entries.reduce((sum, entry) => sum + ("node" in entry ? (entry.node.content?.size ?? 0) : 0), 0);
      if (old === undefined && bytes > bigLayer) log.progress(`writing layer of ${formatSize(bytes)}: ${title}`);
      const { digest, size, diffId } = old ?? (await obtainLayer(session, { key, entries, compression, reader }));
      const descriptor = { mediaType, digest, size, annotations: { [LAYER_KEY_ANNOTATION]: key } };
      made.push({ key, descriptor, diffId, title, entries: entries.length, reused: old !== undefined });
    }
    return made;
  } finally {
    await reader.close();
  }
}
