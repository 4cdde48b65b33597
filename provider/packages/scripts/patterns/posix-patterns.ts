import { RE2JS } from "re2js";
import { characterClasses } from "./character-classes.js";

/** Characters of a pattern in a script, at most. */
export const MAX_PATTERN = 1000;
/** Instructions of the compiled pattern, at most: repetitions multiply them. */
export const MAX_PROGRAM = 5000;

/** A match and its groups; undefined for a group that did not take part. */
export type Match = readonly (string | undefined)[];

/** A regular expression of a script. Matching takes at most `cost`, in units of `ScriptWork`. */
export interface PosixPattern {
  test(text: string): boolean;
  /** The text with the first match replaced, or all of them. */
  replace(text: string, all: boolean, make: (match: Match) => string): string;
  cost(text: string): number;
}

export interface PatternOptions {
  /** ERE instead of BRE. */
  readonly extended?: boolean;
  readonly ignoreCase?: boolean;
  /** Literal characters. */
  readonly fixed?: boolean;
  /** Matches only a whole line, or whole words. */
  readonly only?: "line" | "word" | undefined;
}

/**
 * A regular expression of POSIX (regex(7), with what GNU adds), matched in linear time. Undefined for an invalid pattern and for
 * one that cannot be matched that way: back-references (`\1`), and more than `MAX_PATTERN` and `MAX_PROGRAM` allow.
 */
export function posixPattern(pattern: string, options: PatternOptions = {}): PosixPattern | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  const own = options.fixed === true ? RE2JS.quote(pattern) : translate(pattern, options.extended === true);
  if (own === undefined) return undefined;
  const whole = options.only === "line" ? `^(?:${own})$` : options.only === "word" ? `(?:^|\\W)(?:${own})(?:\\W|$)` : own;
  const compiled = compile(whole, options.ignoreCase === true);
  if (compiled === undefined || compiled.programSize() > MAX_PROGRAM) return undefined;
  return {
    test: (text) => compiled.matcher(text).find(),
    replace: (text, all, make) => replaceIn(compiled, text, all, make),
    cost: (text) => 1000 + text.length * (8 + compiled.programSize()),
  };
}

function compile(source: string, ignoreCase: boolean): RE2JS | undefined {
  try {
    return RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    return undefined;
  }
}

function replaceIn(compiled: RE2JS, text: string, all: boolean, make: (match: Match) => string): string {
  const matcher = compiled.matcher(text);
  let [out, from] = ["", 0];
  for (let isFirst = true; (all || isFirst) && matcher.find(); isFirst = false) {
    const [start, end] = [matcher.start(), matcher.end()];
    // GNU sed skips an empty match right after another match.
    if (!isFirst && start === end && start === from) continue;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, at) => matcher.group(at) ?? undefined);
    out += text.slice(from, start) + make(groups);
    from = end;
  }
  return out + text.slice(from);
}

const token = /\\([\s\S])|\[(\^?)(\]?(?:\[:[a-z]+:\]|[^\]])*)\]|[\s\S]/y;

function translate(pattern: string, extended: boolean): string | undefined {
  let [source, start, anchor] = ["", true, false];
  for (token.lastIndex = 0; token.lastIndex < pattern.length;) {
    const [whole = "", escaped, not = "", set] = token.exec(pattern) ?? [];
    if (whole === "" || (escaped !== undefined && /[1-9]/.test(escaped))) return undefined;
    if (set !== undefined) source += `[${not}${bracketed(set)}]`;
    else if (escaped !== undefined) source += translateEscaped(escaped, extended);
    else if (whole === "*" && start && !extended) source += "\\*";
    else source += !extended && /[(){}+?|]/.test(whole) ? `\\${whole}` : whole;
    const repeats = extended ? /^[*+?{]$/ : /^(?:\*|\\[+?{])$/;
    // Undefined in POSIX; after `^`, `*` of a basic pattern is literal.
    if (anchor && repeats.test(whole) && (extended || whole !== "*" || !start)) return undefined;
    anchor = /^(?:\^|\$|\\[bB<>])$/.test(whole);
    start = /^(?:\(|\\\(|\||\\\||\^)$/.test(whole);
  }
  return source;
}

const space = "\\t\\n\\x0b\\f\\r ";

function translateEscaped(escaped: string, extended: boolean): string {
  if (/^[bBwWnt]$/.test(escaped)) return `\\${escaped}`;
  if (escaped === "s" || escaped === "S") return `[${escaped === "S" ? "^" : ""}${space}]`;
  if (escaped === "<" || escaped === ">") return "\\b";
  return !extended && /[(){}+?|]/.test(escaped) ? escaped : escaped.replace(/[.*+?^${}()|[\]\\/-]/, "\\$&");
}

function bracketed(set: string): string {
  return set.replace(/\[:([a-z]+):\]|\\([nt])|[\\[\]^]/g, (whole: string, name?: string, escape?: string) => {
    if (name !== undefined) return (characterClasses[name] ?? []).map(([from, to]) => `${hexOf(from)}-${hexOf(to)}`).join("");
    return escape === undefined ? `\\${whole}` : whole;
  });
}

function hexOf(code: number): string {
  return `\\x${code.toString(16).padStart(2, "0")}`;
}
