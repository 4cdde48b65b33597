import { z } from "zod";
import { DhiError } from "../../errors.js";
import { parsePlatform, formatPlatform } from "../../image/platform.js";
import { isTag, parseReference, parseRepository } from "../../image/reference.js";
import { parsePathPattern } from "../../rootfs/select/path-pattern.js";
import { toRawPath } from "../../rootfs/tree/raw-path.js";

/** A value for an error message. */
function quote(value: unknown): string {
  const text =
    typeof value === "object"
      ? "an object or list"
      : typeof value === "symbol"
        ? "something unknown"
        : value === undefined
          ? "nothing"
          : JSON.stringify(value);
  // A truncated secret would not be redacted.
  return text.length > 200 ? `a string of ${text.length} characters` : text;
}

/** A string, transformed by `parse`, which throws `DhiError` for invalid ones. */
export function parsed<T>(what: string, parse: (text: string) => T): z.ZodType<T, string> {
  return text(what).transform((value, context): T => {
    try {
      return parse(value);
    } catch (thrown) {
      if (!(thrown instanceof DhiError)) throw thrown;
      context.addIssue({ code: "custom", message: thrown.describe() });
      return z.NEVER;
    }
  });
}

export function text(what: string): z.ZodString {
  return z.string({
    error: ({ input }) => (input === undefined ? `is missing. Give ${what}` : `${quote(input)} is not a string. Give ${what}`),
  });
}

function matching(what: string, pattern: RegExp): z.ZodType<string, string> {
  return text(what).regex(pattern, { error: ({ input }) => `${quote(input)} is not ${what}` });
}

/** Free text that errors never quote. */
export const secretText = z.string({ error: "is not a string. Give a string" });

export const repository = parsed("a repository: registry/name, or oci:path", (value) => ({
  repository: parseRepository(value),
  text: value,
}));

export const imageReference = parsed("an image: registry/name:tag, oci:path:tag, or either with @sha256:…", (value) => {
  const reference = parseReference(value);
  if (reference.tag === undefined && reference.digest === undefined) {
    throw new DhiError("invalid", `"${value}" has neither tag nor digest`, { hint: "Write name:tag, or name@sha256:…" });
  }
  return { reference, text: value };
});

export const tag = text("a tag").refine(isTag, {
  error: ({ input }) =>
    `${quote(input)} is not a valid tag. A tag has at most 128 letters, digits, dots, dashes and underscores, and does not start with a dot or dash`,
});

export const platform = parsed("a platform such as linux/arm64", (value) => {
  const found = parsePlatform(value);
  if (found === undefined)
    throw new DhiError("invalid", `${quote(value)} is not a valid platform`, { hint: "Write os/architecture, such as linux/arm64" });
  return formatPlatform(found);
});

/** An absolute path in the image, as bytes. */
export const imagePath = parsed("an absolute path", (value) => {
  if (!value.startsWith("/")) throw new DhiError("invalid", `${quote(value)} is not absolute`, { hint: "Start it with a slash" });
  return toRawPath(value);
});

export const filePath = imagePath.refine((path) => path !== "", { error: '"/" is the root folder. Give the path of a file' });

/** A path or glob of an include or exclude. */
export const pattern = parsed("a path or a glob", parsePathPattern);

export const mode = matching('a mode in quoted octal, such as "0755"', /^[0-7]{3,4}$/).transform((value) => Number.parseInt(value, 8));

const maximumId = 0xffff_fffe;
export const id = z
  .number({ error: ({ input }) => (input === undefined ? "is missing. Give a number" : `${quote(input)} is not a number. Give a number`) })
  .refine((value) => Number.isInteger(value) && value >= 0 && value <= maximumId, {
    error: ({ input }) => `${quote(input)} is not a valid id. An id is a whole number from 0 to ${String(maximumId)}`,
  });

export const accountName = matching(
  "the name of a user or group: letters, digits, dots, dashes and underscores, at most 32, and no digit or dash first",
  /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/,
);

export const variableName = z
  .string()
  .regex(/^[^=\u0000]+$/, { error: ({ input }) => `${quote(input)} is not a valid variable name: it is empty or contains "="` });

export const variableValue = z
  .string({ error: "is not a string. Give a string, or null to unset it" })
  .refine((value) => !value.includes("\u0000"), { error: "contains a NUL character, which is not allowed in variables" })
  .nullable();

export const compression = z.enum(["gzip", "zstd"], {
  error: ({ input }) => `${quote(input)} is not a valid compression. Give "gzip" or "zstd"`,
});

export const commandMode = z.enum(["append", "prepend", "replace", "clear"], {
  error: ({ input }) => `${quote(input)} is not a valid mode. Give "append", "prepend", "replace" or "clear"`,
});

export const flag = z.boolean({ error: ({ input }) => `${quote(input)} is not true or false` });

export function list<T extends z.ZodType>(item: T, what: string): z.ZodArray<T> {
  return z.array(item, {
    error: ({ input }) => (input === undefined ? `is missing. Give a list of ${what}` : `is not a list. Give a list of ${what}`),
  });
}

export function record<V extends z.ZodType>(value: V, what: string): z.ZodRecord<z.ZodString, V> {
  return z.record(z.string(), value, { error: `is not a map. Give a map of ${what}` });
}

/** An object with these properties and no others. */
export function object<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const names = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has no property ${issue.keys.map(quote).join(", ")}. It has ${names}`
        : `is not an object. Give an object with ${names}`,
  });
}
