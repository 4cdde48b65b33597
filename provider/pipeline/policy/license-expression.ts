/** Most parentheses that are read. */
export const MAX_PARENTHESES = 50;

/** Parentheses, operators and identifiers; commas and slashes of older packages stand between licences. */
const token = /[()]|[^\s(),/;|&]+/g;

/**
 * The licence of an SPDX expression (SPDX 2.3, annex D) that is denied; undefined when there is none, or when `OR` leaves a choice that is not. An
 * exception (`WITH`) does not change the licence. Licences without an operator between them, as in older packages, all apply, and so do all of an
 * expression that cannot be read.
 */
export function findDenied(expression: string, isDenied: (license: string) => boolean): string | undefined {
  const tokens = expression.match(token) ?? [];
  if (tokens.filter((text) => text === "(").length <= MAX_PARENTHESES) {
    const reader = new Reader(tokens, isDenied);
    const found = reader.any();
    if (reader.isDone) return found;
  }
  return tokens.find((text) => !isOperator(text) && isDenied(text));
}

function isOperator(text: string): boolean {
  return /^(?:and|or|with|[()])$/i.test(text);
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #isDenied: (license: string) => boolean;
  #at = 0;

  constructor(tokens: readonly string[], isDenied: (license: string) => boolean) {
    this.#tokens = tokens;
    this.#isDenied = isDenied;
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Alternatives: denied if each of them is. */
  any(): string | undefined {
    const found = [this.#all()];
    while (this.#takes("or")) found.push(this.#all());
    return found.includes(undefined) ? undefined : found[0];
  }

  #all(): string | undefined {
    const found: (string | undefined)[] = [];
    for (;;) {
      const next = this.#tokens[this.#at];
      if (next === undefined || next === ")" || next.toLowerCase() === "or") return found.find((one) => one !== undefined);
      if (!this.#takes("and")) found.push(this.#one());
    }
  }

  #one(): string | undefined {
    const first = this.#tokens[this.#at++] ?? "";
    let found: string | undefined;
    if (first === "(") {
      found = this.any();
      this.#takes(")");
    } else if (this.#isDenied(first)) found = first;
    if (this.#takes("with")) this.#at += 1;
    return found;
  }

  #takes(text: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }
}
