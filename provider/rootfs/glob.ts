import { DhiError } from "../errors.js";

/** True when `pattern` holds a character that a glob gives a meaning. */
export function isGlob(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/**
 * A test for relative paths without a leading slash. `*` and `?` match within one part, `**` as a whole part matches any
 * number of parts, `[a-z]` and `[!a-z]` one character, a backslash makes the next character plain.
 * Throws `DhiError` "invalid" on an open bracket or a backslash at the end.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^${translate(pattern)}$`, "su");
  return (path) => expression.test(path);
}

function translate(pattern: string): string {
  let out = "";
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at);
    const wholePart = at === 0 || pattern[at - 1] === "/";
    if (wholePart && rest === "**") return `${out}.+`;
    if (wholePart && rest.startsWith("**/")) {
      out += "(?:[^/]+/)*";
      at += 3;
    } else if (rest.startsWith("*")) {
      const stars = /^\*+/.exec(rest)?.[0].length ?? 1;
      out += "[^/]*";
      at += stars;
    } else if (rest.startsWith("?")) {
      out += "[^/]";
      at += 1;
    } else if (rest.startsWith("[")) {
      const set = /^\[(?:([!^])|(?![!^]))(\][^\]]*|[^\]]+)\]/u.exec(rest);
      if (set === null)
        throw new DhiError("invalid", `"${pattern}" has an open bracket`, {
          hint: "Close it with ], or write \\[ for the character itself",
        });
      out += `(?!/)${bracket(pattern, set[1] !== undefined, set[2] ?? "")}`;
      at += set[0].length;
    } else {
      const escaped = rest.startsWith("\\") ? 1 : 0;
      const character = String.fromCodePoint(rest.codePointAt(escaped) ?? 0);
      if (rest.length <= escaped)
        throw new DhiError("invalid", `"${pattern}" ends in a backslash`, { hint: "Write \\\\ for the character itself" });
      out += escapeCharacter(character);
      at += escaped + character.length;
    }
  }
  return out;
}

function bracket(pattern: string, negated: boolean, body: string): string {
  const characters = Array.from(body);
  const ranges: string[] = [];
  for (let at = 0; at < characters.length; at++) {
    const from = characters[at] ?? "";
    const to = characters[at + 1] === "-" && at + 2 < characters.length ? characters[at + 2] : undefined;
    if (to !== undefined && to < from)
      throw new DhiError("invalid", `"${pattern}" has the range ${from}-${to}, which is the wrong way round`);
    ranges.push(to === undefined ? escapeCharacter(from) : `${escapeCharacter(from)}-${escapeCharacter(to)}`);
    if (to !== undefined) at += 2;
  }
  return `[${negated ? "^" : ""}${ranges.join("")}]`;
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
