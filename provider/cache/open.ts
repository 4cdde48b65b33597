import { createReadStream } from "node:fs";
import { lstat, lutimes, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DhiError } from "../errors.js";
import { digestOf, type Digest } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";
import type { Cache, CacheWriter } from "./cache.js";
import { defaultDirectory, placeOf } from "./directory.js";
import { evictFiles } from "./evict.js";
import { acquireFileLock } from "./file-lock.js";
import { PendingFile, readFailure, readIfPresent, sweep, writeFailure } from "./files.js";
import type { CacheKind } from "./kinds.js";
import { OwnFolders } from "./own-folders.js";
import { isPrivateFolder } from "./owner.js";
import { MARKER, markerText } from "./place.js";
import { openRecord, recordHead } from "./record.js";
import { freeBytes, requireRoom, STEP, type FreeBytes } from "./room.js";
import { verified } from "./verified.js";

export interface CacheOptions {
  /**
   * Default `$XDG_CACHE_HOME/pulumi-dhi`, else `~/.cache/pulumi-dhi`. Created at the first write, mode 0700. For a declared one see
   * `placeCache`.
   */
  readonly directory?: string | undefined;
  /** Default 10 GiB. */
  readonly maximumBytes?: number | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Default: reported by the file system. */
  readonly freeBytes?: FreeBytes | undefined;
}

const DEFAULT_BYTES = 10 * 1024 ** 3;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const TEMPORARY = "temporary";
const PLACE = "the cache";

/** A cache that can be trimmed. */
export interface OpenedCache extends Cache {
  /**
   * Removes old leftovers and the least recently used files beyond the limit, once per process and folder. To be called at the end of an
   * operation.
   */
  evict(): Promise<void>;
}

const trimmed = new Set<string>();

/** Opens without touching the disk. File system errors are thrown as the `DhiError` of `readFailure` and `writeFailure`. */
export function openCache(options: CacheOptions = {}): OpenedCache {
  return new DirectoryCache(
    resolve(options.directory ?? defaultDirectory(options.env ?? process.env)),
    options.maximumBytes ?? DEFAULT_BYTES,
    options.freeBytes ?? freeBytes,
  );
}

class DirectoryCache implements OpenedCache {
  readonly directory: string;
  readonly #maximumBytes: number;
  readonly #freeBytes: FreeBytes;
  readonly #folders: OwnFolders;
  /** Bytes written since the free space was last checked. */
  #unchecked = 0;

  constructor(directory: string, maximumBytes: number, free: FreeBytes) {
    this.directory = directory;
    this.#maximumBytes = maximumBytes;
    this.#freeBytes = free;
    this.#folders = new OwnFolders(directory, PLACE, FOLDER_MODE);
  }

  async path(kind: CacheKind, key: string): Promise<string | undefined> {
    const { shard, name } = placeOf(kind, key);
    if (!(await this.#isReady())) return undefined;
    const folder = await this.#folders.find(kind, shard);
    const path = folder === undefined ? undefined : join(folder, name);
    if (path === undefined || (await readIfPresent(lstat(path), PLACE, path))?.isFile() !== true) return undefined;
    const now = new Date();
    // In a read-only cache there is nothing to evict either.
    await lutimes(path, now, now).catch(() => undefined);
    return path;
  }

  async read(kind: CacheKind, key: string): Promise<Buffer | undefined> {
    const path = await this.path(kind, key);
    const file = path === undefined ? undefined : await readIfPresent(readFile(path), PLACE, path);
    if (path === undefined || file === undefined) return undefined;
    if (kind === "blobs" && digestOf(file) === key) return file;
    const bytes = kind === "blobs" ? undefined : openRecord(file);
    if (bytes === undefined) await remove(path);
    return bytes;
  }

  async write(kind: CacheKind, key: string, ...pieces: readonly Uint8Array[]): Promise<void> {
    const writer = await this.create(kind);
    try {
      if (kind !== "blobs") await writer.write(recordHead(pieces));
      for (const piece of pieces) await writer.write(piece);
      await writer.commit(key);
    } finally {
      await writer.discard();
    }
  }

  async create(kind: CacheKind): Promise<CacheWriter> {
    const pending = await this.#writing(async () => {
      await this.#prepare();
      return await this.#createFile();
    });
    const write = async (chunk: Uint8Array): Promise<void> => {
      this.#unchecked += chunk.byteLength;
      if (this.#unchecked >= STEP) {
        this.#unchecked = 0;
        await this.requireRoom(chunk.byteLength, `a file of ${kind}`);
      }
      await pending.write(chunk);
    };
    return {
      write: (chunk) => this.#writing(() => write(chunk)),
      commit: (key) =>
        this.#writing(async () => {
          const { shard, name } = placeOf(kind, key);
          await pending.commit(join(await this.#folders.make(kind, shard), name));
        }),
      discard: () => pending.discard(),
    };
  }

  requireRoom(bytes: number, what: string): Promise<void> {
    return requireRoom(this.directory, bytes, what, this.#freeBytes);
  }

  async exclusively<T>(kind: CacheKind, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const release = await this.#lock(kind, key, signal);
    try {
      return await work();
    } finally {
      await release?.().catch(() => undefined);
    }
  }

  /** Undefined where the file system refuses it, or another process has held it for long. */
  async #lock(kind: CacheKind, key: string, signal: AbortSignal | undefined): Promise<(() => Promise<void>) | undefined> {
    const { name } = placeOf(kind, key);
    try {
      await this.#prepare();
      const path = join(await this.#folders.make(TEMPORARY), `${kind}-${name}.lock`);
      return await acquireFileLock(path, { what: `${name} in the cache`, signal });
    } catch (thrown) {
      if (thrown instanceof DhiError && thrown.code === "cancelled") throw thrown;
      return undefined;
    }
  }

  async readBlob(descriptor: Pick<Descriptor, "digest" | "size">): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = await this.path("blobs", descriptor.digest);
    if (path === undefined) return undefined;
    const found = await readIfPresent(lstat(path), PLACE, path);
    if (found?.size === descriptor.size) return readWhole(path, descriptor, this.directory);
    await remove(path);
    return undefined;
  }

  async writeBlob(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    await this.write("blobs", digest, bytes);
    return digest;
  }

  async evict(): Promise<void> {
    if (trimmed.has(this.directory) || !(await this.#isReady())) return;
    trimmed.add(this.directory);
    await this.#writing(async () => {
      const temporary = await this.#folders.find(TEMPORARY);
      if (temporary !== undefined) await sweep(temporary, PLACE);
      await evictFiles(this.directory, this.#maximumBytes, Date.now());
    });
  }

  /** Whether there is a folder to read from. Checked every time: where others can write to the parent, it can be replaced. */
  #isReady(): Promise<boolean> {
    return isPrivateFolder(this.directory, process.getuid?.());
  }

  async #prepare(): Promise<void> {
    // Created first, so that the whole folder is private and not only its subfolders.
    await this.#folders.make();
    await this.#isReady();
    await this.#mark();
  }

  async #createFile(): Promise<PendingFile> {
    return await PendingFile.create(await this.#folders.make(TEMPORARY), FILE_MODE);
  }

  /** Written before anything else, since it is how the next process recognizes the folder. */
  async #mark(): Promise<void> {
    const path = join(this.directory, MARKER);
    const found = await readIfPresent(lstat(path), PLACE, path);
    if (found !== undefined && found.size > 0) return;
    const marker = await this.#createFile();
    try {
      await marker.write(Buffer.from(markerText, "latin1"));
      await marker.commit(path);
    } finally {
      await marker.discard();
    }
  }

  async #writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw writeFailure(thrown, PLACE, this.directory);
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
    if (!(thrown instanceof DhiError) || thrown.code !== "mismatch") throw readFailure(thrown, PLACE, path);
    await remove(path);
    throw new DhiError(thrown.code, thrown.message, { cause: thrown, hint: "It was removed from the cache; run the command again" });
  }
}

/** In a read-only cache the file stays, and is found damaged every time. */
async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}
