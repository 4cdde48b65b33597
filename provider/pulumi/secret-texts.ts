import type { Secrecy, SecretPath } from "../resources/lifecycle.js";
import { isList, isMap, ownValue, unknown, type Value, type ValueMap } from "../values.js";
import { formsOf } from "../text/secret-forms.js";
import { terminalText } from "../text/terminal-text.js";

/** A line or a part of a path that is shorter stands in too many texts by chance. */
const tellingLine = 16;
const tellingPart = 8;

/** Every form in which a message may have what is secret at `path`: whole, as servers may repeat it, and its lines and parts, as our own messages do. */
export function secretTexts(inputs: ValueMap, path: SecretPath, secrecy: Secrecy = nothing): readonly string[] {
  const value = valueAt(inputs, path) ?? null;
  const root = String(path[0]);
  const keys = path.length === 1 && secrecy.dictionaries.has(root) && isMap(value) ? Object.keys(value) : [];
  return [...keys, ...scalars(value)]
    .flatMap((text) => [text, ...formsOf(text), ...lines(text), ...(secrecy.paths.has(root) ? paths(text) : [])])
    .flatMap((text) => [text, ...escaped(text)]);
}

const nothing: Secrecy = { dictionaries: new Set(), paths: new Set(), names: new Set(), anywhere: [] };

/** The paths that lead to something; `*` stands for every item of a list. */
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
    // What is below may be there once it is known.
    if (here === unknown) return unknown;
    if (isList(here)) return here[Number(part)];
    return isMap(here) ? ownValue(here, String(part)) : undefined;
  }, value);
}

/** Every scalar as the text that it would show as. */
function scalars(value: Value): readonly string[] {
  if (isList(value)) return value.flatMap(scalars);
  if (isMap(value)) return Object.values(value).flatMap(scalars);
  return value === null || value === unknown || typeof value === "boolean" || value === "" ? [] : [String(value)];
}

/** Messages may quote a line, trimmed or not. */
function lines(text: string): readonly string[] {
  if (!text.includes("\n")) return [];
  return text.split("\n").flatMap((line) => (line.trim().length < tellingLine ? [] : [line, line.trim()]));
}

/** A path as it is taken: without doubled slashes and single dots, with and without the first slash; the folders above it, and their names. */
function paths(text: string): readonly string[] {
  if (!text.includes("/") || text.includes("\n")) return [];
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  const names = parts.filter((part) => part.length >= tellingPart);
  const folders = parts.slice(1).map((_, at) => parts.slice(0, at + 2).join("/"));
  return [...folders, ...folders.map((folder) => `/${folder}`), ...names];
}

/** As it stands in a quoted message, and as a path or any text is made fit to be shown. */
function escaped(text: string): readonly string[] {
  return [JSON.stringify(text).slice(1, -1), terminalText(text)].filter((form) => form !== text);
}
