import { Minimatch } from "minimatch";
import { DhiError } from "../../errors.js";
import { redact } from "../../text/redaction.js";

/** Characters of a glob. */
export const MAX_GLOB = 4096;

/** Names that begin with a dot are names like others; braces, `+(…)`, `#` and `!` have no meaning. */
const options = { dot: true, nobrace: true, noext: true, nocomment: true, nonegate: true, platform: "linux" } as const;

/** True when `pattern` holds a character that a glob gives a meaning. */
export function isGlob(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/**
 * A test for relative paths without a leading slash. `*` and `?` match within one part, `**` as a whole part matches any
 * number of parts, `[a-z]`, `[!a-z]` and `[[:alpha:]]` one character, a backslash makes the next character plain. Matching takes time
 * in proportion to the lengths of pattern and path. Throws `DhiError` "invalid" on an open bracket, a range that ends before it begins, a
 * backslash at the end, or a pattern that is longer than `MAX_GLOB`.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  if (pattern.length > MAX_GLOB)
    throw new DhiError("invalid", `"${redact(pattern).slice(0, 40)}…" is longer than ${MAX_GLOB} characters`, {
      hint: "Write several globs",
    });
  checkBrackets(pattern);
  const glob = new Minimatch(pattern, options);
  return (path) => glob.match(path);
}

/** minimatch takes as plain text what it cannot read as a bracket expression or an escape. */
function checkBrackets(pattern: string): void {
  const token = /\\(?<escaped>[^])?|\[[!^]?(?<members>\]?(?:\[:[a-z]+:\]|[^\]])*)(?<end>\])?|[^\\[]+/gu;
  for (const { 0: text, groups: { escaped, members, end } = {} } of pattern.matchAll(token)) {
    if (text === "\\" && escaped === undefined)
      throw new DhiError("invalid", `"${pattern}" ends in a backslash`, { hint: "Write \\\\ for the character itself" });
    if (members === undefined) continue;
    if (end === undefined)
      throw new DhiError("invalid", `"${pattern}" has an open bracket`, {
        hint: "Close it with ], or write \\[ for the character itself",
      });
    for (const [range, from = "", to = ""] of members.matchAll(/\[:[a-z]+:\]|([^])-([^])/gu)) {
      if (to < from) throw new DhiError("invalid", `"${pattern}" has the range ${range}, which is the wrong way round`);
    }
  }
}
