// What a test says of an error, and whether an error is so.
import { inspect, isDeepStrictEqual } from "node:util";

/**
 * What an error must be: a table of its properties, in which a regular expression is searched for in a text and all else is equal;
 * an expression for `name: message`; a class; or a function that returns true.
 */
export type FailurePattern = RegExp | ((thrown: unknown) => boolean) | object;

/** What is wrong with an error, and both values where these can be compared. */
export interface Difference {
  readonly what: string;
  readonly values: { readonly actual?: unknown; readonly expected?: unknown };
}

const isClass = (pattern: unknown): pattern is new (...args: never[]) => object =>
  typeof pattern === "function" && pattern.prototype !== undefined;

function fits(actual: unknown, expected: unknown): boolean {
  if (expected instanceof RegExp && typeof actual === "string")
    return new RegExp(expected.source, expected.flags.replace("g", "")).test(actual);
  return isDeepStrictEqual(actual, expected);
}

/** The properties that a pattern names: those of an error include its name and message. */
function namesIn(pattern: object): readonly string[] {
  return pattern instanceof Error ? [...new Set([...Object.keys(pattern), "name", "message"])] : Object.keys(pattern);
}

/** Says how an error differs from a pattern, or undefined where it fits. */
export function findDifference(thrown: unknown, pattern: FailurePattern): Difference | undefined {
  const came = thrown instanceof Error ? String(thrown) : inspect(thrown);
  if (pattern instanceof RegExp) {
    if (fits(String(thrown), pattern)) return undefined;
    return { what: `matches ${String(pattern)}, but it was ${came}`, values: {} };
  }
  if (isClass(pattern)) {
    if (thrown instanceof pattern) return undefined;
    return { what: `is a ${pattern.name}, but it was ${came}`, values: {} };
  }
  if (typeof pattern === "function") {
    if ((pattern as (thrown: unknown) => unknown)(thrown) === true) return undefined;
    return { what: `${String(pattern)} is true of, but it was ${came}`, values: {} };
  }
  const found = Object(thrown) as Record<string, unknown>;
  const wanted = pattern as Record<string, unknown>;
  const names = namesIn(pattern);
  const wrong = names.filter((name) => !(name in found) || !fits(found[name], wanted[name]));
  if (wrong.length === 0) return undefined;
  return {
    what: `has another ${wrong.join(" and ")}: it was ${came}`,
    values: {
      actual: Object.fromEntries(names.map((name) => [name, found[name]])),
      // What fits stands in the comparison as it came, so that it shows what does not.
      expected: Object.fromEntries(names.map((name) => [name, wrong.includes(name) ? wanted[name] : found[name]])),
    },
  };
}
