/** What a command reads: a text that is taken line by line, or one that nobody knows. */
export class ShellInput {
  #rest: string | undefined;

  constructor(text: string | undefined) {
    this.#rest = text;
  }

  /** All that is left; undefined when it is not known. It is not taken: who reads it all reads nothing after it. */
  get text(): string | undefined {
    return this.#rest;
  }

  /** The next line, taken; null at the end, undefined when it is not known. */
  line(): string | null | undefined {
    if (this.#rest === undefined) return undefined;
    if (this.#rest === "") return null;
    const [line = ""] = this.#rest.split("\n", 1);
    this.#rest = this.#rest.slice(line.length + 1);
    return line;
  }
}
