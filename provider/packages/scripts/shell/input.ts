/** What a command reads: a text that is consumed line by line, or an unknown one. */
export class ShellInput {
  #rest: string | undefined;

  constructor(text: string | undefined) {
    this.#rest = text;
  }

  /** All that is left; undefined when unknown. Not consumed: a command that reads everything is the last reader. */
  get text(): string | undefined {
    return this.#rest;
  }

  /** Consumes the next line; null at the end, undefined when unknown. */
  line(): string | null | undefined {
    if (this.#rest === undefined) return undefined;
    if (this.#rest === "") return null;
    const [line = ""] = this.#rest.split("\n", 1);
    this.#rest = this.#rest.slice(line.length + 1);
    return line;
  }
}
