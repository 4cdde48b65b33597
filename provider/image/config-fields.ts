import { z } from "zod";
import { isObject, sortKeys, stringMap, type JsonObject } from "./json.js";

/** How a field of `config` is parsed, written and shown. */
export interface FieldForm<Json> {
  /** Parses the value of a base and returns the one to write. Undefined for Docker's nulls, "" and values of another type. */
  readonly shape: z.ZodType<Json | undefined>;
  /** The value as shown to users. */
  show(json: Json): Shown;
  /** A map with names that the user chooses: changes are shown by name. */
  readonly isMap?: true;
}

export type Shown = string | readonly string[] | Readonly<Record<string, string>>;

const strings = z.array(z.unknown()).transform((items): readonly string[] => items.filter((item) => typeof item === "string"));

export const text: FieldForm<string> = { shape: z.string().min(1).optional().catch(undefined), show: (json) => json };

/** An empty list is not the same as no command. */
export const list: FieldForm<readonly string[]> = { shape: strings.optional().catch(undefined), show: (json) => json };

/** `NAME=value` in the order of the image. */
export const variables: FieldForm<readonly string[]> = {
  shape: strings.transform((items) => (items.length === 0 ? undefined : items)).catch(undefined),
  show: (json) => Object.fromEntries(json.map(splitVariable)),
  isMap: true,
};

export const labels: FieldForm<Readonly<Record<string, string>>> = {
  shape: z.unknown().transform((value) => {
    const map = stringMap(value) ?? {};
    return Object.keys(map).length === 0 ? undefined : sortKeys(map);
  }),
  show: (json) => json,
  isMap: true,
};

/** A set as encoded by Go: `{"80/tcp": {}}`. */
export const set: FieldForm<JsonObject> = {
  shape: z
    .custom<JsonObject>((value) => isObject(value) && Object.keys(value).length > 0)
    .optional()
    .catch(undefined),
  show: (json) => Object.keys(json).sort(),
};

export function splitVariable(variable: string): [name: string, value: string] {
  const equals = variable.indexOf("=");
  return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}
