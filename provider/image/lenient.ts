import { z } from "zod";
import { isObject } from "./json.js";

/** Plain data, readonly at every depth. */
export type Immutable<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer I)[]
    ? readonly Immutable<I>[]
    : { readonly [K in keyof T]: Immutable<T[K]> };

/** A field that counts as absent when it is invalid. */
export function orAbsent<S extends z.ZodType>(schema: S): z.ZodCatch<z.ZodOptional<S>> {
  return schema.optional().catch(undefined);
}

/** A map without its invalid entries. */
export function mapOf<T>(item: z.ZodType<T>): z.ZodType<Record<string, T>> {
  return z.custom<Readonly<Record<string, unknown>>>(isObject, "is not an object").transform((map) =>
    Object.fromEntries(
      Object.entries(map).flatMap(([key, value]) => {
        const { success, data } = item.safeParse(value);
        return success ? [[key, data] as const] : [];
      }),
    ),
  );
}

/** A list without its invalid items. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.array(z.unknown()).transform((list) =>
    list.flatMap((value) => {
      const { success, data } = item.safeParse(value);
      return success ? [data] : [];
    }),
  );
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
