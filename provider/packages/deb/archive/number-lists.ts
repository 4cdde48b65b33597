/** Names, each with a list of numbers. Most lists have one number, which is stored without a list. */
export class NumberLists {
  readonly #lists = new Map<string, number | number[]>();

  add(name: string, number: number): void {
    const known = this.#lists.get(name);
    if (known === undefined) this.#lists.set(name, number);
    else if (typeof known === "number") this.#lists.set(name, [known, number]);
    else known.push(number);
  }

  /** Sorted as bytes. */
  names(): readonly string[] {
    return [...this.#lists.keys()].sort((one, other) => (one < other ? -1 : 1));
  }

  numbers(name: string): readonly number[] {
    const found = this.#lists.get(name) ?? [];
    return typeof found === "number" ? [found] : found;
  }
}
