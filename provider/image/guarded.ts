import { z } from "zod";
import { findTwins } from "./json-twins.js";
import { isObject, type JsonObject } from "./json.js";

/** An object that is checked as a whole before its shape is validated. `find`: the reason to reject it, if any. */
export function guarded<T>(schema: z.ZodType<T>, find: (json: JsonObject) => string | undefined = findTwins): z.ZodType<T> {
  const guard = z.unknown().superRefine((json, context) => {
    const message = isObject(json) ? find(json) : undefined;
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
  return guard.pipe(schema);
}
