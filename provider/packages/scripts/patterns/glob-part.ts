/** Code points, both ends included. */
export type CharacterRange = readonly [from: number, to: number];

/** A literal character, or a wildcard. */
export type GlobToken =
  | string
  | { readonly kind: "many" | "one" }
  | { readonly kind: "set"; readonly negated: boolean; readonly ranges: readonly CharacterRange[] };

/** A test for whole texts, in which `many` matches any characters: takes at most tokens times characters steps. */
export function compileGlobPart(tokens: readonly GlobToken[]): (text: string) => boolean {
  const literal = tokens.every((token) => typeof token === "string") ? tokens.join("") : undefined;
  if (literal !== undefined) return (text) => text === literal;
  return (text) => matchTokens(tokens, hasSurrogates(text) ? Array.from(text) : text);
}

/** On a mismatch only the last `many` takes one more character: it can match whatever an earlier one could. */
function matchTokens(tokens: readonly GlobToken[], text: ArrayLike<string>): boolean {
  let [token, at] = [0, 0];
  let [retryToken, retryAt] = [-1, 0];
  while (at < text.length) {
    const wanted = tokens[token];
    if (wanted !== undefined && isMany(wanted)) {
      token += 1;
      [retryToken, retryAt] = [token, at];
    } else if (wanted !== undefined && matchesOne(wanted, text[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (retryToken >= 0) {
      retryAt += 1;
      [token, at] = [retryToken, retryAt];
    } else return false;
  }
  return tokens.slice(token).every(isMany);
}

export function isMany(token: GlobToken): boolean {
  return typeof token !== "string" && token.kind === "many";
}

/** Whether a single-character token matches this character. */
export function matchesOne(token: GlobToken, character: string): boolean {
  if (typeof token === "string") return token === character;
  if (token.kind !== "set") return token.kind === "one";
  const code = codeOf(character);
  return token.ranges.some(([from, to]) => from <= code && code <= to) !== token.negated;
}

export function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text);
}
