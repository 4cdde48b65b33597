/** A shell pattern (POSIX 2.14) as a regular expression over the whole text. `quoted` parts come in escaped with a backslash. */
export function patternSource(pattern: string, path = false): string {
  const any = path ? "[^/]" : "[\\s\\S]";
  return pattern.replace(
    /\\([\s\S])|\[(!?)((?:\]|[^\]])[^\]]*)\]|[\s\S]/g,
    (whole: string, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return escapeText(escaped);
      if (set !== undefined) return `[${not === undefined || not === "" ? "" : "^"}${set.replace(/[\\\]^]/g, "\\$&")}]`;
      if (whole === "*") return `${any}*`;
      return whole === "?" ? any : escapeText(whole);
    },
  );
}

export function matchesPattern(text: string, pattern: string): boolean {
  return new RegExp(`^(?:${patternSource(pattern)})$`).test(text);
}

/** `${x#p}`, `##`, `%`, `%%`. */
export function stripPattern(text: string, operator: string, pattern: string): string {
  const lengths = Array.from({ length: text.length + 1 }, (_, at) => at);
  if (operator === "##" || operator === "%%") lengths.reverse();
  const front = operator.startsWith("#");
  for (const length of lengths) {
    const piece = front ? text.slice(0, length) : text.slice(text.length - length);
    if (matchesPattern(piece, pattern)) return front ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export function quotePattern(text: string): string {
  return text.replace(/[*?[\]\\]/g, "\\$&");
}
