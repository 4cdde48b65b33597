/** One challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). Scheme and parameter names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`^\\s*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`);
const scheme = new RegExp(`^\\s*(${token})(?:\\s+|$)`);

/** All challenges of a header, in order, up to the first one that cannot be parsed. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header;
  while (rest.trim() !== "") {
    const comma = /^\s*,/.exec(rest);
    if (comma !== null) {
      rest = rest.slice(comma[0].length);
      continue;
    }
    const found = parameter.exec(rest);
    const current = challenges.at(-1);
    if (found !== null && current !== undefined) {
      current.parameters[(found[1] ?? "").toLowerCase()] = found[3] ?? (found[2] ?? "").replace(/\\(.)/g, "$1");
      rest = rest.slice(found[0].length);
      continue;
    }
    // `Negotiate, Basic realm="x"`: a scheme may be followed directly by a comma.
    const start = scheme.exec(rest) ?? new RegExp(`^\\s*(${token})(?=\\s*,)`).exec(rest);
    if (start === null) return challenges;
    challenges.push({ scheme: (start[1] ?? "").toLowerCase(), parameters: {} });
    rest = rest.slice(start[0].length);
  }
  return challenges;
}
