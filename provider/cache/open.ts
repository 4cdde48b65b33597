import { createReadStream } from "node:fs";
import { mkdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DhiError } from "../errors.js";
import { digestOf, type Digest } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";
import type { Cache, CacheWriter } from "./cache.js";
import { defaultDirectory, pathOf } from "./directory.js";
import { evictFiles } from "./evict.js";
import { ifPresent, PendingFile, sweep, writeFailure } from "./files.js";
import { verified } from "./verified.js";

export interface CacheOptions {
  /** Default `$XDG_CACHE_HOME/pulumi-dhi`, else `~/.cache/pulumi-dhi`. Made when first written to, mode 0700. */
  readonly directory?: string | undefined;
  /** Default 10 GiB. */
  readonly maximumBytes?: number | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const DEFAULT_BYTES = 10 * 1024 ** 3;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** A cache that can be trimmed. */
export interface OpenedCache extends Cache {
  /** Removes old leftovers and the least recently used files beyond the limit; once a process for a folder. For whoever ends an operation. */
  evict(): Promise<void>;
}

const trimmed = new Set<string>();

/** Opens without touching the disk. Errors while writing are `DhiError` "unavailable". */
export function openCache(options: CacheOptions = {}): OpenedCache {
  return new DirectoryCache(
    resolve(options.directory ?? defaultDirectory(options.env ?? process.env)),
    options.maximumBytes ?? DEFAULT_BYTES,
  );
}

class DirectoryCache implements OpenedCache {
  readonly directory: string;
  readonly #maximumBytes: number;

  constructor(directory: string, maximumBytes: number) {
    this.directory = directory;
    this.#maximumBytes = maximumBytes;
  }

  async path(kind: string, key: string): Promise<string | undefined> {
    const path = join(this.directory, pathOf(kind, key));
    const found = await ifPresent(stat(path));
    if (found?.isFile() !== true) return undefined;
    const now = new Date();
    // In a read-only cache there is nothing to evict either.
    await utimes(path, now, now).catch(() => undefined);
    return path;
  }

  async read(kind: string, key: string): Promise<Buffer | undefined> {
    const path = await this.path(kind, key);
    return path === undefined ? undefined : await ifPresent(readFile(path));
  }

  async write(kind: string, key: string, bytes: Uint8Array): Promise<void> {
    const writer = await this.create(kind);
    try {
      await writer.write(bytes);
      await writer.commit(key);
    } finally {
      await writer.discard();
    }
  }

  async create(kind: string): Promise<CacheWriter> {
    const pending = await this.#writing(async () => {
      // Made first, so that the whole folder is private and not only its subfolders.
      await mkdir(this.directory, { recursive: true, mode: FOLDER_MODE });
      return PendingFile.create(join(this.directory, "temporary"), FILE_MODE, FOLDER_MODE);
    });
    return {
      write: (chunk) => this.#writing(() => pending.write(chunk)),
      commit: (key) => this.#writing(() => pending.commit(join(this.directory, pathOf(kind, key)), FOLDER_MODE)),
      discard: () => pending.discard(),
    };
  }

  async readBlob(descriptor: Pick<Descriptor, "digest" | "size">): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = await this.path("blobs", descriptor.digest);
    if (path === undefined) return undefined;
    const found = await ifPresent(stat(path));
    if (found?.size === descriptor.size) return readWhole(path, descriptor, this.directory);
    await rm(path, { force: true });
    return undefined;
  }

  async writeBlob(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    await this.write("blobs", digest, bytes);
    return digest;
  }

  async evict(): Promise<void> {
    if (trimmed.has(this.directory)) return;
    trimmed.add(this.directory);
    await sweep(join(this.directory, "temporary"));
    await evictFiles(this.directory, this.#maximumBytes, Date.now());
  }

  async #writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw writeFailure(thrown, "the cache", this.directory);
    }
  }
}

async function* readWhole(
  path: string,
  descriptor: Pick<Descriptor, "digest" | "size">,
  directory: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: 256 * 1024 });
  try {
    yield* verified(file, descriptor, `the cache ${directory}`);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "mismatch") throw thrown;
    await rm(path, { force: true });
    throw new DhiError(thrown.code, thrown.message, { cause: thrown, hint: "It was removed from the cache; run the command again" });
  }
}
