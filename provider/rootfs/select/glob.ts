import { DhiError } from "../../errors.js";
import { redact } from "../../text/redaction.js";
import { codeOf, compileGlobPart, type CharacterRange, type GlobToken } from "./glob-part.js";

/** Characters of a glob. */
export const MAX_GLOB = 4096;

/** True when `pattern` holds a character that a glob gives a meaning. */
export function isGlob(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/**
 * A test for relative paths without a leading slash. `*` and `?` match within one part, `**` as a whole part matches any
 * number of parts, `[a-z]` and `[!a-z]` one character, a backslash makes the next character plain. It takes no more steps than the pattern
 * has characters times those of the path. Throws `DhiError` "invalid" on an open bracket, a backslash at the end, or a pattern that is
 * longer than `MAX_GLOB`.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  if (pattern.length > MAX_GLOB)
    throw new DhiError("invalid", `"${redact(pattern).slice(0, 40)}…" is longer than ${MAX_GLOB} characters`, {
      hint: "Write several globs",
    });
  const parts = splitParts(pattern).map((part, at, all) => {
    if (part.text !== "**") return compileGlobPart(part.tokens);
    return at === all.length - 1 ? "rest" : "any";
  });
  return (path) => matchParts(parts, path.split("/"));
}

/** The test of one part; "any" is `**` before a slash, "rest" one at the end. */
type Part = ((name: string) => boolean) | "any" | "rest";

/** Where parts differ, only the last `**` takes one part more: what an earlier one could take, it can take too. */
function matchParts(parts: readonly Part[], names: readonly string[]): boolean {
  let [part, name] = [0, 0];
  let retry: { readonly part: number; name: number } | undefined;
  while (part < parts.length || name < names.length) {
    const wanted = parts[part];
    const given = names[name];
    if (wanted === "rest" && given !== undefined && (given !== "" || name < names.length - 1)) return true;
    if (wanted === "any") {
      part += 1;
      retry = { part, name };
    } else if (typeof wanted === "function" && given !== undefined && wanted(given)) {
      part += 1;
      name += 1;
    } else if (retry !== undefined && retry.name < names.length && names[retry.name] !== "") {
      retry.name += 1;
      ({ part, name } = retry);
    } else return false;
  }
  return true;
}

/** A part between slashes, as written and read. */
interface WrittenPart {
  text: string;
  readonly tokens: GlobToken[];
}

function splitParts(pattern: string): readonly WrittenPart[] {
  let part: WrittenPart = { text: "", tokens: [] };
  const parts = [part];
  for (let at = 0; at < pattern.length;) {
    const { length, token } = readToken(pattern, at);
    part.text += pattern.slice(at, at + length);
    if (token !== "/") part.tokens.push(token);
    else {
      // Stars before an escaped slash are no part of their own.
      if (length === 1) part.text = part.text.slice(0, -1);
      parts.push((part = { text: "", tokens: [] }));
    }
    at += length;
  }
  return parts;
}

function readToken(pattern: string, at: number): { readonly length: number; readonly token: GlobToken } {
  const first = pattern[at];
  if (first === "*") return { length: 1, token: { kind: "many" } };
  if (first === "?") return { length: 1, token: { kind: "one" } };
  if (first === "[") {
    const set = /\[([!^]?)(\]?[^\]]*)\]/y;
    set.lastIndex = at;
    const [whole, negated, body = ""] = set.exec(pattern) ?? [];
    if (whole === undefined || body === "")
      throw new DhiError("invalid", `"${pattern}" has an open bracket`, {
        hint: "Close it with ], or write \\[ for the character itself",
      });
    return { length: whole.length, token: { kind: "set", negated: negated !== "", ranges: readRanges(pattern, body) } };
  }
  const escaped = first === "\\" ? 1 : 0;
  const code = pattern.codePointAt(at + escaped);
  if (code === undefined)
    throw new DhiError("invalid", `"${pattern}" ends in a backslash`, { hint: "Write \\\\ for the character itself" });
  const character = String.fromCodePoint(code);
  return { length: escaped + character.length, token: character };
}

function readRanges(pattern: string, body: string): readonly CharacterRange[] {
  const characters = Array.from(body);
  const ranges: CharacterRange[] = [];
  for (let at = 0; at < characters.length; at++) {
    const from = characters[at] ?? "";
    const to = characters[at + 1] === "-" && at + 2 < characters.length ? characters[at + 2] : undefined;
    if (to !== undefined && to < from)
      throw new DhiError("invalid", `"${pattern}" has the range ${from}-${to}, which is the wrong way round`);
    ranges.push([codeOf(from), codeOf(to ?? from)]);
    if (to !== undefined) at += 2;
  }
  return ranges;
}
