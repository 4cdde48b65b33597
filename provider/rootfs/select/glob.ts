import { Minimatch } from "minimatch";
import { DhiError } from "../../errors.js";
import { redact } from "../../text/redaction.js";

/** Maximum number of characters of a glob. */
export const MAX_GLOB = 4096;

/** Names that begin with a dot match like others; braces, `+(…)`, `#` and `!` have no special meaning. */
const options = { dot: true, nobrace: true, noext: true, nocomment: true, nonegate: true, platform: "linux" } as const;

/** True when `pattern` contains a character that has a special meaning in globs. */
export function isGlob(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/**
 * Compiles a glob to a test for relative paths without a leading slash. `*` and `?` match within one part, `**` as a whole part matches any
 * number of parts, `[a-z]`, `[!a-z]` and `[[:alpha:]]` one character; a backslash escapes the next character. Matching takes time
 * proportional to the lengths of pattern and path. `declared`: the pattern before it was normalized, for errors. Throws `DhiError` "invalid" on an unclosed bracket, a reversed range, a trailing
 * backslash, or a pattern longer than `MAX_GLOB`.
 */
export function compileGlob(pattern: string, declared = pattern): (path: string) => boolean {
  if (pattern.length > MAX_GLOB)
    throw new DhiError("invalid", `"${redact(pattern).slice(0, 40)}…" is longer than ${MAX_GLOB} characters`, {
      hint: "Write several globs",
    });
  checkBrackets(pattern, declared);
  const glob = new Minimatch(pattern, options);
  return (path) => glob.match(path);
}

/** minimatch treats a bracket expression or an escape that it cannot parse as plain text. */
function checkBrackets(pattern: string, declared: string): void {
  const token = /\\(?<escaped>[^])?|\[[!^]?(?<members>\]?(?:\[:[a-z]+:\]|[^\]])*)(?<end>\])?|[^\\[]+/gu;
  for (const { 0: text, groups: { escaped, members, end } = {} } of pattern.matchAll(token)) {
    if (text === "\\" && escaped === undefined)
      throw new DhiError("invalid", `"${declared}" ends with a backslash`, { hint: "Write \\\\ for the character itself" });
    if (members === undefined) continue;
    if (end === undefined)
      throw new DhiError("invalid", `"${declared}" has an unclosed bracket`, {
        hint: "Close it with ], or write \\[ for the character itself",
      });
    for (const [range, from = "", to = ""] of members.matchAll(/\[:[a-z]+:\]|([^])-([^])/gu)) {
      if (to < from) throw new DhiError("invalid", `"${declared}" has the range ${range}, which is reversed`);
    }
  }
}
