import { hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { DhiError } from "../../errors.js";
import { ByteReader, ByteWriter } from "../../rootfs/layer-index-bytes.js";
import type { ScannedPackages } from "./package-scan.js";
import { MAX_PACKAGES, scanPackages } from "./package-scan.js";

/** Where the bytes of a Packages file are. */
export interface StanzaSource {
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

/**
 * The packages of one component and architecture: which there are, what they provide, and their stanzas, read when they are asked
 * for. Several versions of a name stand in the order of the file.
 */
export class PackageIndex {
  readonly #source: StanzaSource;
  readonly #table: ScannedPackages;
  readonly #what: string;
  readonly #byName = new Map<string, number[]>();

  private constructor(source: StanzaSource, table: ScannedPackages, what: string) {
    this.#source = source;
    this.#table = table;
    this.#what = what;
    for (const [at, name] of table.names.entries()) {
      const known = this.#byName.get(name);
      if (known === undefined) this.#byName.set(name, [at]);
      else known.push(at);
    }
  }

  /** Of a Packages file in memory. `what` names it in errors. Throws `invalid`, `limit`. */
  static scan(bytes: Buffer, what: string): PackageIndex {
    return new PackageIndex(bytesSource(bytes), scanPackages(bytes, what), what);
  }

  /** From what `encode` made of the same bytes. Throws `invalid` when the table is damaged, of another release or of other bytes: scan again. */
  static decode(table: Buffer, source: StanzaSource, what: string): PackageIndex {
    return new PackageIndex(source, decodeTable(table, source.size), what);
  }

  /** Every name of a package, in the order of the file. */
  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** Every name that is provided, and by no package of that name alone. */
  provided(): Iterable<string> {
    return this.#table.provided.keys();
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The stanzas of a package, latin1, each with a newline at its end. Throws `invalid` for control characters in one. */
  stanzas(name: string): readonly string[] {
    return (this.#byName.get(name) ?? []).map((at) => this.#stanza(at));
  }

  /** The stanzas of the packages that provide `name`. */
  providers(name: string): readonly string[] {
    return (this.#table.provided.get(name) ?? []).map((at) => this.#stanza(at));
  }

  /** What is found, without the stanzas: some 5 % of the file. */
  encode(): Buffer {
    return encodeTable(this.#table, this.#source.size);
  }

  #stanza(at: number): string {
    const offset = this.#table.offsets[at] ?? 0;
    const text = this.#source.read(offset, this.#table.lengths[at] ?? 0).toString("latin1");
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text))
      throw new DhiError(
        "invalid",
        `${this.#what}: the stanza of ${this.#table.names[at] ?? "?"} at byte ${offset} has a control character`,
      );
    return text.endsWith("\n") ? text : `${text}\n`;
  }
}

export function bytesSource(bytes: Buffer): StanzaSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** A Packages file on disk, of which only the stanzas that are wanted are read. Close it. */
export class StanzaFile implements StanzaSource {
  readonly size: number;
  readonly #descriptor: number;

  /** Throws `limit` for more than 2 GiB, before anything is read. */
  constructor(file: string, what: string) {
    this.#descriptor = openSync(file, "r");
    this.size = fstatSync(this.#descriptor).size;
    if (this.size <= MAX_PACKAGES) return;
    this.close();
    throw new DhiError("limit", `${what} has ${this.size} bytes: the limit is ${MAX_PACKAGES}`);
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const count = readSync(this.#descriptor, bytes, filled, length - filled, offset + filled);
      if (count === 0) throw new DhiError("mismatch", `a Packages file is cut off after ${offset + filled} bytes`);
      filled += count;
    }
    return bytes;
  }

  /** The whole, for scanning. */
  readAll(): Buffer {
    return readFileSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Begins every table; the last character is the version, which changes with the format. */
const MAGIC = "dhi package table 1";

function encodeTable({ names, offsets, lengths, provided }: ScannedPackages, size: number): Buffer {
  const writer = new ByteWriter();
  writer.number(size);
  writer.number(names.length);
  let end = 0;
  for (const [at, name] of names.entries()) {
    writer.text(name);
    writer.number((offsets[at] ?? 0) - end);
    writer.number(lengths[at] ?? 0);
    end = (offsets[at] ?? 0) + (lengths[at] ?? 0);
  }
  writer.number(provided.size);
  for (const [name, stanzas] of provided) {
    writer.text(name);
    writer.number(stanzas.length);
    for (const at of stanzas) writer.number(at);
  }
  const body = writer.finish();
  return Buffer.concat([Buffer.from(MAGIC, "latin1"), hash("sha256", body, "buffer"), body]);
}

function decodeTable(table: Buffer, size: number): ScannedPackages {
  const body = table.subarray(MAGIC.length + 32);
  const sum = table.subarray(MAGIC.length, MAGIC.length + 32);
  if (table.toString("latin1", 0, MAGIC.length) !== MAGIC || !hash("sha256", body, "buffer").equals(sum))
    throw new DhiError("invalid", "the package table is damaged, or of another release");
  const reader = new ByteReader(body);
  if (reader.number() !== size) throw new DhiError("invalid", "the package table is of another Packages file");
  const count = reader.number();
  const names: string[] = [];
  const offsets = new Uint32Array(count);
  const lengths = new Uint32Array(count);
  for (let at = 0, end = 0; at < count; at += 1) {
    names.push(reader.text());
    offsets[at] = end + reader.number();
    lengths[at] = reader.number();
    end = (offsets[at] ?? 0) + (lengths[at] ?? 0);
  }
  const provided = new Map<string, number[]>();
  for (let left = reader.number(); left > 0; left -= 1) {
    const name = reader.text();
    provided.set(
      name,
      Array.from({ length: reader.number() }, () => reader.number()),
    );
  }
  return { names, offsets, lengths, provided };
}
