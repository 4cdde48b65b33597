import type { z } from "zod";

const kinds: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** Why a value does not match its schema, to follow its path: "is not a string". Never quotes the value. A schema's own message takes precedence. */
export function describeMisfit(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `is not ${kinds[issue.expected] ?? `of the type ${issue.expected}`}`;
    case "unrecognized_keys":
      return `has the unknown ${issue.keys.length === 1 ? "field" : "fields"} ${issue.keys.map((key) => JSON.stringify(hideLogin(key))).join(", ")}`;
    case "invalid_value":
      return issue.input === undefined ? "is missing" : `is not ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    default:
      return "is not valid";
  }
}

/** A part of a path without the login that some put before a host: `user:password@host`. */
export function hideLogin<T>(part: T): T | string {
  const at = typeof part === "string" ? part.lastIndexOf("@") : -1;
  return typeof part !== "string" || at < 0 ? part : `***@${part.slice(at + 1)}`;
}
