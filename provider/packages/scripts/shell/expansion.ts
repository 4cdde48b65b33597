import { evaluateArithmetic } from "./arithmetic.js";
import type { ScriptHost } from "../script-host.js";
import { trimEndOf } from "../../../text/trim.js";
import type { Spend } from "../script-work.js";
import { quotePattern, stripPattern } from "../patterns/shell-patterns.js";
import type { ShellWord, WordPart } from "./syntax.js";

/** The variables of a script; an undefined value means "unknown". */
export class ShellVariables {
  #values = new Map<string, string | undefined>();
  readonly #frames: Map<string, readonly [] | readonly [string | undefined]>[] = [];
  parameters: readonly string[];

  constructor(parameters: readonly string[], values: Readonly<Record<string, string>>) {
    this.parameters = parameters;
    for (const [name, value] of Object.entries(values)) this.#values.set(name, value);
  }

  /** How many there are. */
  get size(): number {
    return this.#values.size;
  }

  set(name: string, value: string | undefined): void {
    this.#values.set(name, value);
  }

  unset(name: string): void {
    this.#values.delete(name);
  }

  /** `local`: the current value is restored when the function ends. */
  keep(name: string): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined && !frame.has(name)) frame.set(name, this.#values.has(name) ? [this.#values.get(name)] : []);
  }

  /** Runs a function with its own parameters. */
  within<T>(parameters: readonly string[], work: () => T): T {
    const outer = this.parameters;
    this.#frames.push(new Map());
    this.parameters = parameters;
    try {
      return work();
    } finally {
      this.parameters = outer;
      for (const [name, old] of this.#frames.pop() ?? []) {
        if (old.length === 0) this.#values.delete(name);
        else this.#values.set(name, old[0]);
      }
    }
  }

  /** Runs a subshell: what it sets is lost afterwards. */
  apart<T>(work: () => T): T {
    const [values, parameters] = [this.#values, this.parameters];
    this.#values = new Map(values);
    try {
      return work();
    } finally {
      this.#values = values;
      this.parameters = parameters;
    }
  }

  /** `[value]`, `[undefined]` when unknown, `[]` when not set. */
  get(name: string): readonly [] | readonly [string | undefined] {
    if (name === "#") return [String(this.parameters.length)];
    if (name === "@" || name === "*") return [this.parameters.join(" ")];
    if (name === "0") return [this.#values.get("0") ?? "script"];
    if (/^[1-9]$/.test(name)) {
      const value = this.parameters[Number(name) - 1];
      return value === undefined ? [] : [value];
    }
    if (name === "!") return [undefined];
    if (name === "$") return ["1"];
    return this.#values.has(name) ? [this.#values.get(name)] : [];
  }
}

type Substitute = (source: string) => string | undefined;

/** Expands words to text. */
export class ShellExpansion {
  readonly variables: ShellVariables;
  readonly spend: Spend;
  readonly #host: ScriptHost;
  readonly #substitute: Substitute;

  constructor(variables: ShellVariables, host: ScriptHost, substitute: Substitute, spend: Spend) {
    this.variables = variables;
    this.spend = spend;
    this.#host = host;
    this.#substitute = substitute;
  }

  /** As one text, without field splitting and pathname expansion; undefined when a part is unknown. */
  text(word: ShellWord): string | undefined {
    return this.#join(word, (text) => text);
  }

  /** As a pattern: quoted parts are escaped. */
  pattern(word: ShellWord): string | undefined {
    return this.#join(word, (text, quoted) => (quoted ? quotePattern(text) : text));
  }

  /** As arguments, split and expanded; undefined when a part is unknown. */
  fields(word: ShellWord): readonly string[] | undefined {
    const [only] = word;
    const list = word.filter((part) => part.kind !== "text" || part.text !== "");
    if (only !== undefined && list.length === 1 && list[0]?.kind === "variable" && list[0].name === "@" && list[0].operator === undefined)
      return this.variables.parameters;
    const fields: { text: string; pattern: string }[] = [];
    let open = false;
    for (const part of word) {
      const value = this.#spent(part);
      if (value === undefined) return undefined;
      const quoted = part.kind !== "unknown" && part.quoted;
      const pieces = quoted || part.kind === "text" ? [value] : value.split(/[ \t\n]+/);
      this.spend(10 * pieces.length);
      pieces.forEach((piece, at) => {
        if (at > 0) open = false;
        if (!quoted && part.kind !== "text" && piece === "") return;
        const pattern = quoted ? quotePattern(piece) : piece;
        const last = fields.at(-1);
        if (open && last !== undefined) {
          last.text += piece;
          last.pattern += pattern;
        } else fields.push({ text: piece, pattern });
        open = true;
      });
    }
    return fields.flatMap(({ text, pattern }) => {
      const found = /(?<!\\)[*?[]/.test(pattern) ? this.#host.glob(pattern) : [];
      return found.length > 0 ? found : [text];
    });
  }

  #join(word: ShellWord, change: (text: string, quoted: boolean) => string): string | undefined {
    const texts: string[] = [];
    for (const part of word) {
      const value = this.#spent(part);
      if (value === undefined) return undefined;
      texts.push(change(value, part.kind !== "unknown" && part.quoted));
    }
    return texts.join("");
  }

  #spent(part: WordPart): string | undefined {
    const value = this.#value(part);
    this.spend(1 + (value?.length ?? 0));
    return value;
  }

  #value(part: WordPart): string | undefined {
    switch (part.kind) {
      case "text":
        return part.text;
      case "unknown":
        return undefined;
      case "command":
        return trimNewlines(this.#substitute(part.source));
      case "arithmetic":
        return this.#arithmetic(part.source);
      case "variable":
        return this.#variable(part);
    }
  }

  #arithmetic(source: string): string | undefined {
    const names = /\$\{?([A-Za-z_][A-Za-z0-9_]*|[0-9#?])\}?|([A-Za-z_][A-Za-z0-9_]*)/g;
    // An unknown variable becomes a name again, which is not a valid expression.
    const text = source.replace(names, (_, braced?: string, plain?: string) => {
      const [...found] = this.variables.get(braced ?? plain ?? "");
      return ` ${found.length === 0 ? "0" : (found[0] ?? "unknown")} `;
    });
    const result = evaluateArithmetic(text);
    return result === undefined ? undefined : String(result);
  }

  #variable({ name, operator, operand = [] }: Extract<WordPart, { kind: "variable" }>): string | undefined {
    const [...found] = this.variables.get(name);
    const value = found.length === 0 ? "" : found[0];
    if (operator === undefined) return value;
    if (operator === "length") return value === undefined ? undefined : String(value.length);
    if (/^[#%]/.test(operator)) {
      const pattern = this.pattern(operand);
      this.spend((value?.length ?? 0) * (2 + (pattern?.length ?? 0)));
      return value === undefined || pattern === undefined ? undefined : stripPattern(value, operator, pattern);
    }
    if (value === undefined) return undefined;
    const absent = found.length === 0 || (operator.startsWith(":") && value === "");
    if (operator.endsWith("+")) return absent ? "" : this.text(operand);
    if (!absent) return value;
    if (operator.endsWith("?")) return undefined;
    const fallback = this.text(operand);
    if (operator.endsWith("=")) this.variables.set(name, fallback);
    return fallback;
  }
}

/** Removes trailing newlines, as command substitution does. */
function trimNewlines(text: string | undefined): string | undefined {
  return text === undefined ? undefined : trimEndOf(text, "\n");
}
