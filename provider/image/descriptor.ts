import { z } from "zod";
import { digestSchema } from "./digest.js";
import { guarded } from "./guarded.js";
import { mapOf, orAbsent, present, type Immutable } from "./lenient.js";
import { ociMediaType } from "./media-types.js";
import { platformSchema } from "./platform.js";

const NO_SIZE = "is not a whole number of bytes";

/** Of a manifest or an index. Annotations of other types than strings are left out. */
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

/** OCI image spec, descriptor.md. Media types get their OCI names; fields that we do not know are left out. */
export type Descriptor = Immutable<z.output<typeof fields>>;

export const descriptorSchema: z.ZodType<Descriptor> = guarded(fields);
