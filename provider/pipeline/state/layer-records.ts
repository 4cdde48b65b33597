import { z } from "zod";
import { digestSchema } from "../../image/digest.js";
import { mapOf, type Immutable } from "../../image/lenient.js";
import type { ValueMap } from "../../values.js";
import type { Composition } from "../compose/composition.js";

const recordSchema = z.object({ digest: digestSchema, size: z.int().positive(), diffId: digestSchema });

/** The bytes of a layer that pulumi-dhi composed. */
export type LayerRecord = Immutable<z.output<typeof recordSchema>>;

/**
 * The records in state by layer key: the only basis for reusing a layer.
 *
 * This is the smallest sound record. The key determines the content of the layer and its media type, the digest identifies the bytes that
 * check composed for it, and size and diffID are needed for manifest and config. If the digest were read from a manifest, or the diffID
 * from a config, anyone who can push could forge them, and a digest in state may come from elsewhere (`pulumi import`). A complete record
 * does not depend on any image or tag, and no manifest is read for it: the destination is only asked whether it has the blob. Layers of
 * the base are never recorded, so keys in the annotations of a base have no effect.
 *
 * Only check writes records, for layers that it composed. Neither read, get, import nor a program can add any.
 */
export type LayerRecords = ReadonlyMap<string, LayerRecord>;

const keyPattern = /^[0-9a-f]{64}$/;
const recordsSchema = mapOf(recordSchema);

/** The records in inputs or outputs of state. State before 0.2 has none; incomplete ones count as absent. */
export function parseLayerRecords({ __layers }: ValueMap): LayerRecords {
  const records = recordsSchema.safeParse(__layers).data ?? {};
  return new Map(Object.entries(records).filter(([key]) => keyPattern.test(key)));
}

/** The records of the composed layers, each once for all platforms. */
export function describeLayerRecords({ platforms }: Composition): ValueMap {
  const layers = platforms.flatMap(({ ownLayers }) => ownLayers);
  const records = layers.map(({ key, descriptor: { digest, size }, diffId }) => [key, { digest, size, diffId }] as const);
  return Object.fromEntries([...records].sort(([one], [other]) => (one < other ? -1 : 1)));
}
