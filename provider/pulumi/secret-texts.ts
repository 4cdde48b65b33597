import type { Secrecy, SecretPath } from "../resources/lifecycle.js";
import { isList, isMap, ownValue, unknown, type Value, type ValueMap } from "../values.js";
import { formsOf } from "../text/secret-forms.js";
import { terminalText } from "../text/terminal-text.js";

/** A shorter line or part of a path occurs in too many texts by chance. */
const shortestLine = 16;
const shortestPart = 8;

/**
 * Every form in which a message may contain the secret at `path`: whole, as servers may repeat it, and its lines and parts, as our own
 * messages do.
 */
export function secretTexts(inputs: ValueMap, path: SecretPath, secrecy: Secrecy = nothing): readonly string[] {
  const value = valueAt(inputs, path) ?? null;
  const root = String(path[0]);
  const keys = path.length === 1 && secrecy.dictionaries.has(root) && isMap(value) ? Object.keys(value) : [];
  return [...keys, ...scalars(value)]
    .flatMap((text) => [text, ...formsOf(text), ...lines(text), ...(secrecy.paths.has(root) ? paths(text) : [])])
    .flatMap((text) => [text, ...escaped(text)]);
}

const nothing: Secrecy = { dictionaries: new Set(), paths: new Set(), names: new Set(), anywhere: [] };

/** The paths that exist; `*` matches every item of a list. */
export function findPlaces(inputs: ValueMap, paths: readonly SecretPath[]): readonly SecretPath[] {
  return paths.flatMap((path) =>
    path
      .reduce<readonly SecretPath[]>(
        (places, part) =>
          places.flatMap((place) => {
            const here = valueAt(inputs, place);
            return part === "*" && isList(here) ? here.map((_, at) => [...place, at]) : [[...place, part]];
          }),
        [[]],
      )
      .filter((place) => valueAt(inputs, place) !== undefined),
  );
}

function valueAt(value: Value, path: SecretPath): Value | undefined {
  return path.reduce<Value | undefined>((here, part) => {
    // The part below is only known later.
    if (here === unknown) return unknown;
    if (isList(here)) return here[Number(part)];
    return isMap(here) ? ownValue(here, String(part)) : undefined;
  }, value);
}

/** Every scalar as it would be displayed. */
function scalars(value: Value): readonly string[] {
  if (isList(value)) return value.flatMap(scalars);
  if (isMap(value)) return Object.values(value).flatMap(scalars);
  return value === null || value === unknown || typeof value === "boolean" || value === "" ? [] : [String(value)];
}

/** Messages may quote a single line, trimmed or not. */
function lines(text: string): readonly string[] {
  if (!text.includes("\n")) return [];
  return text.split("\n").flatMap((line) => (line.trim().length < shortestLine ? [] : [line, line.trim()]));
}

/**
 * A path in all its normalized forms: without doubled slashes and single dots, with and without the leading slash; its parent folders, and
 * their names.
 */
function paths(text: string): readonly string[] {
  if (!text.includes("/") || text.includes("\n")) return [];
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  const names = parts.filter((part) => part.length >= shortestPart);
  const folders = parts.slice(1).map((_, at) => parts.slice(0, at + 2).join("/"));
  return [...folders, ...folders.map((folder) => `/${folder}`), ...names];
}

/** As it appears in a quoted message, and as a path or any text is escaped for display. */
function escaped(text: string): readonly string[] {
  return [JSON.stringify(text).slice(1, -1), terminalText(text)].filter((form) => form !== text);
}
