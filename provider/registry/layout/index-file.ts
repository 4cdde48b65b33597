import { hash } from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent } from "../../cache/files.js";
import { DhiError } from "../../errors.js";
import { emptyLayoutIndex, parseLayoutIndex, type LayoutIndex } from "./layout-index.js";
import { Limiter } from "../../async/limiter.js";

/** Most bytes of `index.json`: about 300,000 tags. */
export const MAX_INDEX = 64 * 1024 ** 2;

/** Age in milliseconds up to which a file may change again without a new modification time: file systems round times. */
const UNSETTLED = 10_000;

interface Cached {
  /** Identifies the file and its state; undefined when only its bytes are known. */
  readonly identity: string | undefined;
  readonly sum: string;
  readonly index: LayoutIndex;
}

/**
 * `index.json` of a layout, which other processes and tools write too: it is read again when its file attributes change, and parsed
 * again when its bytes do.
 */
export class LayoutIndexFile {
  readonly path: string;
  readonly #directory: string;
  /** One read at a time, since each may take MAX_INDEX bytes; the others then find it cached. */
  readonly #queue = new Limiter(1);
  #cached: Cached | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, "index.json");
  }

  /** The current index; empty when there is none. Throws `DhiError` "invalid" and "limit". */
  async read(): Promise<LayoutIndex> {
    return await this.#queue.run(async () => (await readIfPresent(this.#readFile(), "the layout", this.path)) ?? emptyLayoutIndex);
  }

  /** Caches what this process has just written. */
  cache(bytes: Uint8Array, index: LayoutIndex): void {
    this.#cached = { identity: undefined, sum: sumOf(bytes), index };
  }

  async #readFile(): Promise<LayoutIndex> {
    // Reading a device may never end, and opening a pipe may never return.
    const file = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const before = await this.#identify(file);
      if (before !== undefined && before === this.#cached?.identity) return this.#cached.index;
      const bytes = await file.readFile();
      const after = await this.#identify(file);
      const sum = sumOf(bytes);
      const index = this.#cached?.sum === sum ? this.#cached.index : this.#parse(bytes);
      this.#cached = { identity: before === after ? after : undefined, sum, index };
      return index;
    } finally {
      await file.close();
    }
  }

  #parse(bytes: Buffer): LayoutIndex {
    // Releases the old index before the new one is parsed.
    this.#cached = undefined;
    return parseLayoutIndex(bytes, this.#directory);
  }

  /** Undefined while the file changed too recently for its times to tell whether it changes again. */
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
