import { hash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent } from "../../cache/files.js";
import { DhiError } from "../../errors.js";
import { emptyLayoutIndex, parseLayoutIndex, type LayoutIndex } from "./layout-index.js";
import { Limiter } from "../../async/limiter.js";

/** Bytes of `index.json`: 300,000 tags. */
export const MAX_INDEX = 64 * 1024 ** 2;

/** A file that changed within this time, in milliseconds, may change again without another time in its entry: file systems round. */
const UNSETTLED = 10_000;

interface Remembered {
  /** Which file it was, in which state; undefined where only its bytes are known. */
  readonly identity: string | undefined;
  readonly sum: string;
  readonly index: LayoutIndex;
}

/**
 * `index.json` of a layout. It is parsed when its bytes have changed, and read when its entry in the file system has: other processes
 * and tools write it too.
 */
export class LayoutIndexFile {
  readonly path: string;
  readonly #directory: string;
  /** One at a time, since each may have MAX_INDEX bytes; the others then find it parsed. */
  readonly #queue = new Limiter(1);
  #remembered: Remembered | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, "index.json");
  }

  /** As it is now; empty where there is none. Throws `DhiError` "invalid" and "limit". */
  async read(): Promise<LayoutIndex> {
    return await this.#queue.run(async () => (await readIfPresent(this.#readFile(), "the layout", this.path)) ?? emptyLayoutIndex);
  }

  /** What this process has just written. */
  remember(bytes: Uint8Array, index: LayoutIndex): void {
    this.#remembered = { identity: undefined, sum: sumOf(bytes), index };
  }

  async #readFile(): Promise<LayoutIndex> {
    // A device or a pipe need not end, nor open.
    const file = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const before = await this.#identify(file);
      if (before !== undefined && before === this.#remembered?.identity) return this.#remembered.index;
      const bytes = await file.readFile();
      const after = await this.#identify(file);
      const sum = sumOf(bytes);
      const index = this.#remembered?.sum === sum ? this.#remembered.index : this.#parse(bytes);
      this.#remembered = { identity: before === after ? after : undefined, sum, index };
      return index;
    } finally {
      await file.close();
    }
  }

  #parse(bytes: Buffer): LayoutIndex {
    // Two of them at once would take the memory of two.
    this.#remembered = undefined;
    return parseLayoutIndex(bytes, this.#directory);
  }

  /** Undefined where its times cannot tell yet whether it changes. */
  async #identify(file: FileHandle): Promise<string | undefined> {
    const found = await file.stat({ bigint: true });
    if (!found.isFile()) throw new DhiError("invalid", `index.json of ${this.#directory} is not a file`);
    if (found.size > MAX_INDEX)
      throw new DhiError("limit", `index.json of ${this.#directory} has ${found.size} bytes: the limit is ${MAX_INDEX}`);
    const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = found;
    const changed = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
    return Date.now() - changed < UNSETTLED ? undefined : [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  }
}

function sumOf(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}
