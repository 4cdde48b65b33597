import { hash } from "node:crypto";
import { DhiError } from "../../../errors.js";
import { NameTable } from "./name-table.js";
import type { ScannedPackages } from "./package-scan.js";

/** Starts every table; the last character is the version of the format. */
const MAGIC = "dhi package table 2";
const SUM = 32;
const NUMBER = 4;

/**
 * An index of a Packages file, as bytes that are queried without decoding: opening it takes no longer than reading them, whatever
 * the number of packages. About 5 % of the file's size.
 */
export class PackageTable {
  /** Names of packages, each with the numbers of its stanzas in the order of the file. */
  readonly names: NameTable;
  /** Virtual names, each with the numbers of the stanzas that provide it. */
  readonly provided: NameTable;
  readonly #bytes: Buffer;
  readonly #stanzas: Buffer;

  /** Throws `DhiError` "invalid" for a table that is damaged, of another version or of a file of another size. */
  constructor(bytes: Buffer, size: number) {
    const body = bytes.subarray(MAGIC.length + SUM);
    const sum = bytes.subarray(MAGIC.length, MAGIC.length + SUM);
    if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC || !hash("sha256", body, "buffer").equals(sum))
      throw new DhiError("invalid", "the package table is damaged, or was written by another release");
    const [fileSize = 0, stanzas = 0, names = 0] = [0, 1, 2].map((at) => body.readUInt32LE(NUMBER * at));
    if (fileSize !== size) throw new DhiError("invalid", "the package table belongs to another Packages file");
    this.#bytes = bytes;
    this.#stanzas = body.subarray(3 * NUMBER, 3 * NUMBER + stanzas);
    this.names = new NameTable(body.subarray(3 * NUMBER + stanzas, 3 * NUMBER + stanzas + names));
    this.provided = new NameTable(body.subarray(3 * NUMBER + stanzas + names));
  }

  static encode({ size, offsets, lengths, names, provided }: ScannedPackages): Buffer {
    const stanzas = Buffer.alloc(2 * NUMBER * offsets.length);
    for (const [at, offset] of offsets.entries()) {
      stanzas.writeUInt32LE(offset, 2 * NUMBER * at);
      stanzas.writeUInt32LE(lengths[at] ?? 0, 2 * NUMBER * at + NUMBER);
    }
    const ofNames = NameTable.encode(names);
    const head = Buffer.alloc(3 * NUMBER);
    for (const [at, value] of [size, stanzas.length, ofNames.length].entries()) head.writeUInt32LE(value, NUMBER * at);
    const body = Buffer.concat([head, stanzas, ofNames, NameTable.encode(provided)]);
    return Buffer.concat([Buffer.from(MAGIC, "latin1"), hash("sha256", body, "buffer"), body]);
  }

  /** Number of stanzas. */
  get count(): number {
    return this.#stanzas.length / (2 * NUMBER);
  }

  /** Where a stanza is in the file. */
  stanza(number: number): { readonly offset: number; readonly length: number } {
    const at = 2 * NUMBER * number;
    return { offset: this.#stanzas.readUInt32LE(at), length: this.#stanzas.readUInt32LE(at + NUMBER) };
  }

  /** For the cache. */
  encode(): Buffer {
    return this.#bytes;
  }
}
