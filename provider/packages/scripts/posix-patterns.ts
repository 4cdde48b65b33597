const classes: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: " \\t\\n\\r\\f\\v",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

const token = /\\([\s\S])|\[(\^?)(\]?(?:\[:[a-z]+:\]|[^\]])*)\]|[\s\S]/g;

/** A regular expression of POSIX (regex(7), with what GNU adds) as one of JavaScript; undefined for what has no such meaning. */
export function posixPattern(pattern: string, extended: boolean, flags = ""): RegExp | undefined {
  let start = true;
  const source = pattern.replace(token, (whole: string, escaped?: string, not?: string, set?: string) => {
    const first = start;
    start = /^(?:\(|\\\(|\||\\\||\^)$/.test(whole);
    if (set !== undefined) return `[${not ?? ""}${bracketed(set)}]`;
    if (escaped !== undefined) {
      if (/^[1-9bBwWsS]$/.test(escaped)) return `\\${escaped}`;
      if (escaped === "<" || escaped === ">") return "\\b";
      if (escaped === "n" || escaped === "t") return `\\${escaped}`;
      return !extended && /[(){}+?|]/.test(escaped) ? escaped : escaped.replace(/[.*+?^${}()|[\]\\/-]/, "\\$&");
    }
    if (whole === "*" && first && !extended) return "\\*";
    if (!extended && /[(){}+?|]/.test(whole)) return `\\${whole}`;
    return whole === "/" ? "\\/" : whole;
  });
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

function bracketed(set: string): string {
  return set.replace(/\[:([a-z]+):\]|\\([nt])|[\\[\]^]/g, (whole: string, name?: string, escape?: string) => {
    if (name !== undefined) return classes[name] ?? "";
    return escape === undefined ? `\\${whole}` : whole;
  });
}
