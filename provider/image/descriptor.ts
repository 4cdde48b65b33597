import { z } from "zod";
import { digestSchema } from "./digest.js";
import { guarded } from "./guarded.js";
import { mapOf, orAbsent, present, type Immutable } from "./lenient.js";
import { ociMediaType } from "./media-types.js";
import { platformSchema } from "./platform.js";

const NO_SIZE = "is not a whole number of bytes";

/** A descriptor in a manifest or an index. Annotations that are not strings are dropped. */
export const annotationsSchema = mapOf(z.string());

const fields = z
  .object({
    mediaType: z.string().transform(ociMediaType),
    digest: digestSchema,
    /** In bytes. */
    size: z.int({ error: ({ input }) => (input === undefined ? "is missing" : NO_SIZE) }).nonnegative(NO_SIZE),
    platform: orAbsent(platformSchema),
    annotations: orAbsent(annotationsSchema),
  })
  .transform(present);

/** OCI image spec, descriptor.md. Media types are mapped to their OCI names; unknown fields are dropped. */
export type Descriptor = Immutable<z.output<typeof fields>>;

export const descriptorSchema: z.ZodType<Descriptor> = guarded(fields);
