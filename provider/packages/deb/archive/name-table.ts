import type { NumberLists } from "./number-lists.js";

const NUMBER = 4;

/**
 * Names, sorted as bytes, each with a list of numbers, as bytes that are searched without decoding. Little endian: the number of
 * names; the end of each name's text; the end of each name's list; the lists; the texts (latin1).
 */
export class NameTable {
  readonly #bytes: Buffer;
  readonly #count: number;
  readonly #lists: number;
  readonly #texts: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#count = bytes.readUInt32LE(0);
    this.#lists = NUMBER * (1 + 2 * this.#count);
    this.#texts = this.#lists + NUMBER * this.#end(this.#count - 1, this.#count);
  }

  static encode(lists: NumberLists): Buffer {
    const names = lists.names();
    const texts = Buffer.from(names.join(""), "latin1");
    const numbers = names.reduce((sum, name) => sum + lists.numbers(name).length, 0);
    const bytes = Buffer.alloc(NUMBER * (1 + 2 * names.length + numbers) + texts.length);
    bytes.writeUInt32LE(names.length, 0);
    let at = NUMBER * (1 + 2 * names.length);
    let [text, list] = [0, 0];
    for (const [index, name] of names.entries()) {
      const values = lists.numbers(name);
      text += name.length;
      list += values.length;
      bytes.writeUInt32LE(text, NUMBER * (1 + index));
      bytes.writeUInt32LE(list, NUMBER * (1 + names.length + index));
      for (const value of values) at = bytes.writeUInt32LE(value, at);
    }
    texts.copy(bytes, at);
    return bytes;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** The numbers of a name; empty for an unknown one. */
  numbers(name: string): readonly number[] {
    const index = this.#find(name);
    if (index === undefined) return [];
    const start = this.#end(index - 1, this.#count);
    return Array.from({ length: this.#end(index, this.#count) - start }, (_, at) =>
      this.#bytes.readUInt32LE(this.#lists + NUMBER * (start + at)),
    );
  }

  *names(): Iterable<string> {
    for (let index = 0; index < this.#count; index += 1)
      yield this.#bytes.toString("latin1", this.#texts + this.#end(index - 1, 0), this.#texts + this.#end(index, 0));
  }

  #find(name: string): number | undefined {
    const wanted = Buffer.from(name, "latin1");
    if (wanted.toString("latin1") !== name) return undefined;
    let [low, high] = [0, this.#count - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const [start, end] = [this.#texts + this.#end(middle - 1, 0), this.#texts + this.#end(middle, 0)];
      const order = this.#bytes.compare(wanted, 0, wanted.length, start, end);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  /** The cumulative value at `index` of the run of numbers that begins at `run`; 0 for -1. */
  #end(index: number, run: number): number {
    return index < 0 ? 0 : this.#bytes.readUInt32LE(NUMBER * (1 + run + index));
  }
}
