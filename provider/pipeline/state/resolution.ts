import { z } from "zod";
import { digestSchema } from "../../image/digest.js";
import { mapOf, orAbsent, present, type Immutable } from "../../image/lenient.js";
import type { Value, ValueMap } from "../../values.js";

const digests = mapOf(digestSchema).catch({});

const resolutionSchema = z
  .object({
    layoutVersion: z.number(),
    base: orAbsent(z.object({ tag: z.string(), digest: digestSchema })),
    /** By reference as declared. */
    artifacts: digests,
    /** By local source. */
    files: digests,
    /** Platform to added package to version. */
    packages: mapOf(mapOf(z.string()).catch({})).catch({}),
  })
  .transform(present);

/** What the declared names currently resolve to: everything that determines bytes besides the inputs. As in the sdk. */
export type Resolution = Immutable<z.output<typeof resolutionSchema>>;

/** A resolution from state or from `ignoreChanges`; undefined when it is not one. Invalid entries are dropped. */
export function parseResolution(value: Value | undefined): Resolution | undefined {
  return resolutionSchema.safeParse(value).data;
}

export function resolutionValue(resolution: Resolution): ValueMap {
  return { ...resolution };
}
