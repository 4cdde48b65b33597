import { DhiError } from "../../../errors.js";
import { releaseBuffer } from "../../../rootfs/compression/release-bytes.js";
import { parseProvides, type Provided } from "../formats/dependency.js";
import { NumberLists } from "./number-lists.js";

/** Where the stanzas of a Packages file are, in the order of the file. */
export interface ScannedPackages {
  /** Bytes of the file. */
  readonly size: number;
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  /** Names of packages, each with the numbers of its stanzas. */
  readonly names: NumberLists;
  /** Virtual names, each with the numbers of the stanzas that provide it. */
  readonly provided: NumberLists;
}

/** Bytes of a Packages file. */
export const MAX_PACKAGES = 2 ** 31 - 1;
/** Bytes of one stanza; the longest in Debian has 75 KiB. */
export const MAX_STANZA = 1024 * 1024;

/** What dpkg accepts as a name. */
const nameSyntax = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;
const KEY = "Package: ";
const PROVIDES = "\nProvides:";

/** Finds every stanza of a Packages file while it is streamed, without parsing it. Its methods throw `invalid`, `limit`. */
export class PackageScanner {
  readonly #what: string;
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #names = new NumberLists();
  readonly #provided = new NumberLists();
  /** The incomplete stanza, and where it begins in the file. */
  #rest: Buffer = Buffer.alloc(0);
  #start = 0;

  /** `what` names the file in errors. */
  constructor(what: string) {
    this.#what = what;
  }

  add(chunk: Buffer): void {
    const size = this.#start + this.#rest.length + chunk.length;
    if (size > MAX_PACKAGES) throw new DhiError("limit", `${this.#what} has ${size} bytes: the limit is ${MAX_PACKAGES}`);
    if (this.#rest.length === 0) {
      this.#scan(chunk, false);
      return;
    }
    const joined = Buffer.concat([this.#rest, chunk]);
    this.#scan(joined, false);
    releaseBuffer(joined.buffer);
  }

  finish(): ScannedPackages {
    const size = this.#start + this.#rest.length;
    this.#scan(this.#rest, true);
    return { size, offsets: this.#offsets, lengths: this.#lengths, names: this.#names, provided: this.#provided };
  }

  #scan(bytes: Buffer, isLast: boolean): void {
    let provides = bytes.indexOf(PROVIDES, 0, "latin1");
    let at = skipNewlines(bytes, 0);
    while (at < bytes.length) {
      const found = bytes.indexOf("\n\n", at, "latin1");
      const end = found < 0 ? bytes.length : found + 1;
      const offset = this.#start + at;
      if (end - at > MAX_STANZA)
        throw new DhiError("limit", `${this.#what}: the stanza at byte ${offset} has ${end - at} bytes: the limit is ${MAX_STANZA}`);
      if (found < 0 && !isLast) break;
      const name = nameAt(bytes, at, end);
      if (name === undefined) throw new DhiError("invalid", `${this.#what}: the stanza at byte ${offset} has no valid package name`);
      const number = this.#offsets.length;
      if (provides >= 0 && provides < end) {
        const line = logicalLine(bytes, provides + PROVIDES.length, end);
        for (const item of readProvided(line)) this.#provided.add(item.name, number);
        provides = bytes.indexOf(PROVIDES, end - 1, "latin1");
      }
      this.#names.add(name, number);
      this.#offsets.push(offset);
      this.#lengths.push(end - at);
      at = skipNewlines(bytes, end);
    }
    // A copy: chunks may be large, or reused.
    this.#rest = Buffer.from(bytes.subarray(at));
    this.#start += at;
  }
}

/** Scans a Packages file in memory. */
export function scanPackages(bytes: Buffer, what: string): ScannedPackages {
  const scanner = new PackageScanner(what);
  scanner.add(bytes);
  return scanner.finish();
}

/** A Provides field that cannot be parsed provides nothing here; the error is reported when the package itself is requested. */
function readProvided(line: string): readonly Provided[] {
  try {
    return parseProvides(line, "Provides");
  } catch (thrown) {
    if (thrown instanceof DhiError) return [];
    throw thrown;
  }
}

function skipNewlines(bytes: Buffer, at: number): number {
  let next = at;
  while (bytes[next] === 10) next += 1;
  return next;
}

/** The package's name: its first field nearly always. */
function nameAt(bytes: Buffer, start: number, end: number): string | undefined {
  const line = bytes.indexOf(10, start);
  const isFirst = bytes.toString("latin1", start, start + KEY.length) === KEY && line >= 0 && line < end;
  // Sliced from bytes: a slice of a string would keep the whole string alive.
  const name = isFirst
    ? bytes.toString("latin1", start + KEY.length, line)
    : /^Package:(.*)$/im.exec(bytes.toString("latin1", start, end))?.[1]?.trim();
  return name !== undefined && nameSyntax.test(name) ? name : undefined;
}

/** A field's value with its continuation lines. */
function logicalLine(bytes: Buffer, start: number, end: number): string {
  let at = start;
  for (;;) {
    const newline = bytes.indexOf(10, at);
    if (newline < 0 || newline >= end) return bytes.toString("latin1", start, end);
    const next = bytes[newline + 1];
    if (newline + 1 >= end || (next !== 32 && next !== 9)) return bytes.toString("latin1", start, newline).replaceAll("\n", " ");
    at = newline + 1;
  }
}
