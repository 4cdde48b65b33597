import { z } from "zod";
import { findTwins } from "./json-twins.js";
import { isObject, type JsonObject } from "./json.js";

/** An object, with what is wrong with all of its fields told before its shape is looked at. `find`: why it must be refused, if so. */
export function guarded<T>(schema: z.ZodType<T>, find: (json: JsonObject) => string | undefined = findTwins): z.ZodType<T> {
  const guard = z.unknown().superRefine((json, context) => {
    const message = isObject(json) ? find(json) : undefined;
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
  return guard.pipe(schema);
}
