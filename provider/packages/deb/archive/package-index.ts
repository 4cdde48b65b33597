import { DhiError } from "../../../errors.js";
import { findMention } from "./package-mention.js";
import { scanPackages } from "./package-scan.js";
import { PackageTable } from "./package-table.js";
import { bytesSource, type StanzaSource } from "./stanza-file.js";

/**
 * The packages of one component and architecture: their names, what they provide, and their stanzas, read on
 * demand. Several versions of a name are in the order of the file.
 */
export class PackageIndex {
  readonly #source: StanzaSource;
  readonly #table: PackageTable;
  readonly #what: string;

  private constructor(source: StanzaSource, table: Buffer, what: string) {
    this.#source = source;
    this.#table = new PackageTable(table, source.size);
    this.#what = what;
  }

  /** Scans a Packages file in memory. `what` names it in errors. Throws `DhiError` "invalid", "limit". */
  static scan(bytes: Buffer, what: string): PackageIndex {
    return new PackageIndex(bytesSource(bytes), PackageTable.encode(scanPackages(bytes, what)), what);
  }

  /** From the table of the same bytes. Throws `DhiError` "invalid" for one that is damaged, of another version or of other bytes: scan again. */
  static decode(table: Buffer, source: StanzaSource, what: string): PackageIndex {
    return new PackageIndex(source, table, what);
  }

  /** Every name of a package, sorted. */
  names(): Iterable<string> {
    return this.#table.names.names();
  }

  /** Every name that is provided, sorted. */
  provided(): Iterable<string> {
    return this.#table.provided.names();
  }

  has(name: string): boolean {
    return this.#table.names.has(name);
  }

  /** The stanzas of a package, latin1, each ending in a newline. Throws `DhiError` "invalid" for control characters. */
  stanzas(name: string): readonly string[] {
    return this.#table.names.numbers(name).map((number) => this.#stanza(number));
  }

  /** The stanzas of the packages that provide `name`. */
  providers(name: string): readonly string[] {
    return this.#table.provided.numbers(name).map((number) => this.#stanza(number));
  }

  /** A number that grows along the file: where it first mentions a package, in its own stanza or in the dependencies of another. */
  mention(name: string): number | undefined {
    return findMention(this.#source, this.#table, name);
  }

  /** The table, for the cache. */
  encode(): Buffer {
    return this.#table.encode();
  }

  #stanza(number: number): string {
    const { offset, length } = this.#table.stanza(number);
    const text = this.#source.read(offset, length).toString("latin1");
    if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text))
      throw new DhiError("invalid", `${this.#what}: the stanza of ${nameOf(text)} at byte ${offset} has a control character`, {
        origin: "packages",
      });
    return text.endsWith("\n") ? text : `${text}\n`;
  }
}

function nameOf(stanza: string): string {
  return /^Package:[ \t]*([A-Za-z0-9+._-]+)/im.exec(stanza)?.[1] ?? "?";
}
