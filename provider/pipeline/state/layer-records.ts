import { z } from "zod";
import { digestSchema } from "../../image/digest.js";
import { mapOf, type Immutable } from "../../image/lenient.js";
import type { ValueMap } from "../../values.js";
import type { Composition } from "../compose/composition.js";

const recordSchema = z.object({ digest: digestSchema, size: z.int().positive(), diffId: digestSchema });

/** The bytes that a layer of ours came to. */
export type LayerRecord = Immutable<z.output<typeof recordSchema>>;

/**
 * By layer key, as state keeps them: all that a layer is ever reused by.
 *
 * This is the smallest record that is sound. The key says what the layer must hold (its media type too), the digest which bytes that
 * were when check composed them, size and diffID what manifest and config say of those bytes. Without the digest a manifest would have to
 * tell it, and without the diffID a config; both can be written by whoever may push, and a digest in state need not be of our making
 * (`pulumi import`). With all of them a record is true by itself, whatever an image or a tag says, and no manifest is read for it: the
 * destination is asked for one thing, whether it has the blob of this digest. Layers of the base are never recorded, so a base that
 * carries our keys offers nothing.
 *
 * Only check writes records, from what it composed. Neither read, get, import nor a program adds to them.
 */
export type LayerRecords = ReadonlyMap<string, LayerRecord>;

const keyPattern = /^[0-9a-f]{64}$/;
const recordsSchema = mapOf(recordSchema);

/** The records in inputs or outputs of state. State before 0.2 has none; what is not whole counts as absent. */
export function parseLayerRecords({ __layers }: ValueMap): LayerRecords {
  const records = recordsSchema.safeParse(__layers).data ?? {};
  return new Map(Object.entries(records).filter(([key]) => keyPattern.test(key)));
}

/** Of the layers that are ours, each once for all platforms. */
export function describeLayerRecords({ platforms }: Composition): ValueMap {
  const layers = platforms.flatMap(({ ownLayers }) => ownLayers);
  const records = layers.map(({ key, descriptor: { digest, size }, diffId }) => [key, { digest, size, diffId }] as const);
  return Object.fromEntries([...records].sort(([one], [other]) => (one < other ? -1 : 1)));
}
