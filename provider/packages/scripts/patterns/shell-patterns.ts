import { codeOf, compileGlobPart, isMany, matchesOne, type CharacterRange, type GlobToken } from "./glob-part.js";
import { characterClasses } from "./character-classes.js";

/** A test for a shell pattern (POSIX 2.14) over the whole text, where a slash is an ordinary character. */
export function compilePattern(pattern: string): (text: string) => boolean {
  return compileGlobPart(readPattern(pattern));
}

export function matchesPattern(text: string, pattern: string): boolean {
  return compilePattern(pattern)(text);
}

/** Steps that a match may take, in units of `ScriptWork`. */
export function matchCost(pattern: string, text: string): number {
  return 1 + Math.ceil((pattern.length * text.length) / 8);
}

/** `${x#p}`, `##`, `%`, `%%`. */
export function stripPattern(text: string, operator: string, pattern: string): string {
  const front = operator.startsWith("#");
  const tokens = readPattern(pattern);
  const lengths = front ? prefixLengths(tokens, text.split("")) : prefixLengths(tokens.toReversed(), text.split("").reverse());
  const length = operator.length === 2 ? lengths.at(-1) : lengths[0];
  if (length === undefined) return text;
  return front ? text.slice(length) : text.slice(0, text.length - length);
}

/** The lengths of matching prefixes, shortest first: all reachable places in the pattern are followed at once. */
function prefixLengths(tokens: readonly GlobToken[], text: readonly string[]): readonly number[] {
  const lengths: number[] = [];
  let places = passOver(tokens, new Set([0]));
  for (let at = 0; places.size > 0; at += 1) {
    if (places.has(tokens.length)) lengths.push(at);
    const character = text[at];
    if (character === undefined) break;
    const next = new Set<number>();
    for (const place of places) {
      const token = tokens[place];
      if (token === undefined) continue;
      if (isMany(token)) next.add(place);
      else if (matchesOne(token, character)) next.add(place + 1);
    }
    places = passOver(tokens, next);
  }
  return lengths;
}

/** With the places after each `*`, which may match nothing. Iterating a set also visits entries that are added meanwhile. */
function passOver(tokens: readonly GlobToken[], places: Set<number>): ReadonlySet<number> {
  for (const place of places) {
    const token = tokens[place];
    if (token !== undefined && isMany(token)) places.add(place + 1);
  }
  return places;
}

/** Quoted parts arrive escaped with backslashes. An unclosed bracket is a literal character. */
function readPattern(pattern: string): readonly GlobToken[] {
  const tokens: GlobToken[] = [];
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at] ?? "";
    const set = character === "[" ? readSet(pattern, at) : undefined;
    if (set !== undefined) {
      tokens.push(set.token);
      at = set.end;
    } else if (character === "\\" && at + 1 < pattern.length) {
      tokens.push(pattern[at + 1] ?? "");
      at += 2;
    } else {
      tokens.push(character === "*" ? { kind: "many" } : character === "?" ? { kind: "one" } : character);
      at += 1;
    }
  }
  return tokens;
}

/** A bracket expression: `[a-z]`, `[!a]`, `[]a]`, `[[:alpha:]_]`. */
function readSet(pattern: string, start: number): { readonly token: GlobToken; readonly end: number } | undefined {
  const negated = pattern[start + 1] === "!";
  const first = start + (negated ? 2 : 1);
  const ranges: CharacterRange[] = [];
  for (let at = first; at < pattern.length;) {
    if (pattern[at] === "]" && at > first) return { token: { kind: "set", negated, ranges }, end: at + 1 };
    const name = pattern.startsWith("[:", at) ? /\[:([a-z]{1,10}):\]/y : undefined;
    if (name !== undefined) name.lastIndex = at;
    const [whole, kind = ""] = name?.exec(pattern) ?? [];
    if (whole !== undefined) {
      ranges.push(...(characterClasses[kind] ?? []));
      at += whole.length;
      continue;
    }
    const from = readCharacter(pattern, at);
    if (pattern[from.end] === "-" && from.end + 1 < pattern.length && pattern[from.end + 1] !== "]") {
      const to = readCharacter(pattern, from.end + 1);
      ranges.push([from.code, to.code]);
      at = to.end;
    } else {
      ranges.push([from.code, from.code]);
      at = from.end;
    }
  }
  return undefined;
}

function readCharacter(pattern: string, at: number): { readonly code: number; readonly end: number } {
  const escaped = pattern[at] === "\\" && at + 1 < pattern.length ? 1 : 0;
  return { code: codeOf(pattern[at + escaped] ?? ""), end: at + escaped + 1 };
}

export function quotePattern(text: string): string {
  return text.replace(/[*?[\]\\]/g, "\\$&");
}
