import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DhiError } from "../../../errors.js";
import { MAX_PACKAGES } from "./package-scan.js";

/** The bytes of a Packages file. */
export interface StanzaSource {
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

export function bytesSource(bytes: Buffer): StanzaSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** A Packages file on disk, of which only requested stanzas are read. Must be closed. */
export class StanzaFile implements StanzaSource {
  readonly size: number;
  readonly #descriptor: number;

  /** Throws `DhiError` "limit" for more than 2 GiB, before anything is read. */
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
      if (count === 0) throw new DhiError("mismatch", `a Packages file is truncated after ${offset + filled} bytes`);
      filled += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
