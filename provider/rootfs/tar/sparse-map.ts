import { DhiError } from "../../errors.js";
import type { PaxRecord } from "./pax.js";
import { parsePaxNumber } from "./pax.js";
import type { SparseRun } from "./sparse.js";
import { beyondLimit, BLOCK, MAX_SPARSE_RUNS } from "./limits.js";
import { numberBetween, parseNumber } from "./number.js";

/** GNU's pax records of a sparse file. Without `runs` the map precedes the data (format 1.0). */
export interface PaxSparse {
  readonly size: number;
  readonly name: string | undefined;
  readonly runs: readonly SparseRun[] | undefined;
}

/**
 * Parses the sparse file of a pax header, formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files"); undefined when it has none.
 */
export function paxSparse(records: readonly PaxRecord[]): PaxSparse | undefined {
  const fields = new Map(records);
  const stated = fields.get("GNU.sparse.realsize") ?? fields.get("GNU.sparse.size");
  if (stated === undefined) return undefined;
  const size = number(stated);
  const name = fields.get("GNU.sparse.name");
  const [major, minor] = [fields.get("GNU.sparse.major"), fields.get("GNU.sparse.minor")];
  if (major === "1" && minor === "0") return { size, name, runs: undefined };
  if (major !== undefined && (major !== "0" || (minor !== "0" && minor !== "1"))) {
    throw new DhiError("invalid", `a sparse file has the unknown format ${major}.${minor ?? "?"}`);
  }
  const map = fields.get("GNU.sparse.map");
  const numbers = map === undefined ? repeatedRecords(records) : map === "" ? [] : map.split(",").map(number);
  return { size, name, runs: pairs(numbers) };
}

function repeatedRecords(records: readonly PaxRecord[]): number[] {
  const wanted = ["GNU.sparse.offset", "GNU.sparse.numbytes"];
  const numbers: number[] = [];
  for (const [key, value] of records) {
    if (!wanted.includes(key)) continue;
    if (key !== wanted[numbers.length % 2]) throw new DhiError("invalid", "a sparse file's map has a gap");
    numbers.push(number(value));
  }
  return numbers;
}

function pairs(numbers: readonly number[]): SparseRun[] {
  if (numbers.length % 2 !== 0) throw new DhiError("invalid", "a sparse file's map has an offset without a length");
  const runs: SparseRun[] = [];
  for (let i = 0; i < numbers.length; i += 2) runs.push({ offset: numbers[i] ?? 0, length: numbers[i + 1] ?? 0 });
  return runs;
}

function number(text: string): number {
  const value = parsePaxNumber(text);
  if (value === undefined)
    throw new DhiError("invalid", `a sparse file's map has ${JSON.stringify(text.slice(0, 40))} instead of a number`);
  return value;
}

/** The size of a file of the old GNU form, including holes. The runs are checked in `toExtents`. */
export function oldGnuSize(buffer: Buffer, at: number): number {
  return numberBetween(0, Number.MAX_SAFE_INTEGER, parseNumber(buffer, at + 483, 12, "real size"), "real size");
}

/** The runs in a block of the old GNU form, `count` of them at most; `more` when another block of runs follows. */
export function oldGnuRuns(
  buffer: Buffer,
  at: number,
  start: number,
  count: number,
): { readonly runs: SparseRun[]; readonly more: boolean } {
  const runs: SparseRun[] = [];
  for (let i = 0; i < count; i += 1) {
    const field = at + start + 24 * i;
    // A field that begins with a NUL ends the list.
    if (buffer[field] === 0) break;
    runs.push({ offset: parseNumber(buffer, field, 12, "sparse map"), length: parseNumber(buffer, field + 12, 12, "sparse map") });
  }
  return { runs, more: buffer[at + start + 24 * count] !== 0 };
}

/** Reads the map of format 1.0 block by block: the number of runs, then offset and length of each, one decimal a line. */
export class SparseMapReader {
  readonly #numbers: number[] = [];
  #partial = "";

  /** Takes one block; true when the map is complete and the rest of the block is padding. */
  take(buffer: Buffer, at: number): boolean {
    const lines = (this.#partial + buffer.toString("latin1", at, at + BLOCK)).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) {
      this.#numbers.push(number(line));
      const count = this.#numbers[0] ?? 0;
      if (count > MAX_SPARSE_RUNS) throw beyondLimit("too many runs of data in a sparse file", MAX_SPARSE_RUNS);
      if (this.#numbers.length === 1 + 2 * count) return true;
    }
    if (this.#partial.length > 20) throw new DhiError("invalid", "a sparse file's map has no line ends");
    return false;
  }

  runs(): SparseRun[] {
    return pairs(this.#numbers.slice(1));
  }
}
