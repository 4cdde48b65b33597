import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, lstat, lutimes, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { withFileLock } from "../../cache/file-lock.js";
import { PendingFile, readFailure, readIfPresent, sweep, systemCode, writeFailure } from "../../cache/files.js";
import { OwnFolders } from "../../cache/own-folders.js";
import { verified } from "../../cache/verified.js";
import { DhiError } from "../../errors.js";
import { hexOf, type Digest } from "../../image/digest.js";
import type { Descriptor } from "../../image/descriptor.js";
import { LayoutIndexFile } from "./index-file.js";
import { emptyLayoutIndex, formatLayoutIndex, type LayoutIndex } from "./layout-index.js";
import { WrittenBlobs } from "./written.js";
import { Limiter } from "../../async/limiter.js";
import { Memo, once } from "../../async/memo.js";
import type { BlobArrival, BlobSource } from "../repository.js";

const PLACE = "the layout";
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
/** Mode bits that allow the group or others to write. */
const OTHERS_WRITE = 0o022;

/** Folders of a layout that pulumi-dhi writes to. */
const BLOBS = ["blobs", "sha256"] as const;
const OWN = ".pulumi-dhi";
const TEMPORARY = [OWN, "temporary"] as const;

/** An OCI image layout on disk: its files, and the lock for changes of its index. One instance a folder and operation. */
export class Layout {
  readonly directory: string;
  /** The blobs that pulumi-dhi wrote and may remove. */
  readonly written: WrittenBlobs;
  readonly #index: LayoutIndexFile;
  readonly #folders: OwnFolders;
  readonly #signal: AbortSignal | undefined;
  /** Within the process, writers queue; only the first competes for the lock file. */
  readonly #queue = new Limiter(1);
  readonly #putting = new Memo<BlobArrival>("nothing");
  /** Checks or creates the marker file `oci-layout` first, so that nothing is written into a folder that is not a layout. */
  readonly #prepare = once(() => this.#makeLayout());

  constructor(directory: string, signal: AbortSignal | undefined) {
    this.directory = directory;
    this.#index = new LayoutIndexFile(directory);
    this.#folders = new OwnFolders(directory, PLACE, FOLDER_MODE);
    this.written = new WrittenBlobs(this.#folders, OWN, BLOBS);
    this.#signal = signal;
  }

  blobPath(digest: Digest): string {
    return join(this.directory, ...BLOBS, hexOf(digest));
  }

  /** Empty when there is no layout. Throws `DhiError` "invalid" and "limit". */
  readIndex(): Promise<LayoutIndex> {
    return this.#index.read();
  }

  /** Replaces the index by the result of `change`, under the lock of the layout. `after` runs under the same lock. */
  async updateIndex(
    change: (index: LayoutIndex) => Promise<LayoutIndex> | LayoutIndex,
    after?: (index: LayoutIndex) => Promise<void>,
  ): Promise<void> {
    await this.#prepare();
    await this.#queue.run(() =>
      this.#locked(async () => {
        const before = await this.readIndex();
        const index = await change(before);
        if (index !== before) await this.#writeIndex(index);
        await after?.(index);
      }),
    );
  }

  async statBlob(digest: Digest): Promise<{ readonly size: number } | undefined> {
    const path = this.blobPath(digest);
    const found = await present(stat(path), path);
    return found?.isFile() === true ? { size: found.size } : undefined;
  }

  /** The bytes of a small blob, not verified. */
  async readWhole(digest: Digest): Promise<Buffer | undefined> {
    const path = this.blobPath(digest);
    return await present(readFile(path), path);
  }

  /** Throws `DhiError` "not-found" and "mismatch". */
  async *readBlob(descriptor: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
    if ((await this.statBlob(descriptor.digest)) === undefined) throw this.#missing(descriptor.digest);
    const file: AsyncIterable<Uint8Array> = createReadStream(this.blobPath(descriptor.digest), { highWaterMark: 256 * 1024 });
    try {
      yield* verified(file, descriptor, `oci:${this.directory}`);
    } catch (thrown) {
      if (!isMissing(thrown)) throw readFailure(thrown, PLACE, this.blobPath(descriptor.digest));
      throw this.#missing(descriptor.digest, thrown);
    }
  }

  #missing(digest: Digest, cause?: unknown): DhiError {
    return new DhiError("not-found", `blob ${digest} is not in oci:${this.directory}`, { cause });
  }

  /** The bytes of a blob, not verified; none when it is missing. */
  async *scan(digest: Digest): AsyncGenerator<Buffer, void, undefined> {
    if ((await this.statBlob(digest)) === undefined) return;
    const file: AsyncIterable<Buffer> = createReadStream(this.blobPath(digest), { highWaterMark: 256 * 1024 });
    try {
      yield* file;
    } catch (thrown) {
      if (!isMissing(thrown)) throw readFailure(thrown, PLACE, this.blobPath(digest));
    }
  }

  /** Renews the age of a blob, so that garbage collection keeps it until a manifest refers to it. */
  async touch(digest: Digest): Promise<void> {
    const now = new Date();
    await lutimes(this.blobPath(digest), now, now).catch(() => undefined);
  }

  /** `other`: the file of the same blob in another layout. A symbolic link at the path of the blob is replaced by a file, as its target belongs to someone else. */
  putBlob(descriptor: Descriptor, source: BlobSource, other: string | undefined): Promise<BlobArrival> {
    const { digest, size } = descriptor;
    return this.#putting.run(digest, async () => {
      await this.#prepare();
      await this.#folders.find(...BLOBS);
      const found = await present(lstat(this.blobPath(digest)), this.blobPath(digest));
      if (found?.isFile() === true && found.size === size) {
        await this.touch(digest);
        return "present";
      }
      const arrival = other !== undefined && (await this.#link(descriptor, other)) ? "mounted" : "uploaded";
      if (arrival === "uploaded") await this.#store(BLOBS, hexOf(digest), verified(source(), descriptor, "its source"));
      await this.written.add(digest);
      return arrival;
    });
  }

  async putBytes(digest: Digest, bytes: Uint8Array): Promise<void> {
    await this.#prepare();
    const path = this.blobPath(digest);
    if ((await present(lstat(path), path))?.isFile() === true && (await this.readWhole(digest))?.equals(bytes) === true) {
      await this.#folders.find(...BLOBS);
      await this.touch(digest);
      return;
    }
    await this.#store(BLOBS, hexOf(digest), [bytes]);
    await this.written.add(digest);
  }

  async #makeLayout(): Promise<void> {
    for (const names of [[OWN], TEMPORARY]) {
      const folder = await this.#folders.find(...names);
      if (folder !== undefined) await sweep(folder, PLACE);
    }
    const marker = join(this.directory, "oci-layout");
    if ((await present(stat(marker), marker)) !== undefined) return;
    const others = ((await present(readdir(this.directory), this.directory)) ?? []).filter(
      (name) => !["blobs", "index.json", OWN, "oci-layout"].includes(name),
    );
    if (others.length > 0) {
      throw new DhiError(
        "conflict",
        `${this.directory} contains other files (${others.toSorted().slice(0, 3).join(", ")}) and is not an OCI image layout`,
        {
          hint: "Use an empty folder, or one that does not exist yet",
        },
      );
    }
    await this.#write("oci-layout", Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    if ((await present(stat(this.#index.path), this.#index.path)) === undefined) await this.#writeFirstIndex();
  }

  /** Readers expect a layout to have an index. */
  async #writeFirstIndex(): Promise<void> {
    await this.#locked(async () => {
      if ((await present(stat(this.#index.path), this.#index.path)) === undefined) await this.#writeIndex(emptyLayoutIndex);
    });
  }

  async #writeIndex(index: LayoutIndex): Promise<void> {
    const bytes = formatLayoutIndex(index);
    await this.#write("index.json", bytes);
    this.#index.cache(bytes, index);
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    const folder = await this.#folders.make(OWN);
    await withFileLock(join(folder, "lock"), { signal: this.#signal, what: `the layout ${this.directory}` }, work);
  }

  /** Hard-links a file of this user that no one else can write to; anything else, such as a symbolic link, is copied. */
  async #link(descriptor: Descriptor, other: string): Promise<boolean> {
    const folder = await this.#folders.make(...BLOBS);
    const temporary = join(await this.#folders.make(...TEMPORARY), `${process.pid}-${randomUUID()}`);
    try {
      await link(other, temporary);
      // Checked after linking, when it can no longer be exchanged for another file.
      const found = await lstat(temporary);
      const isOwn = process.getuid === undefined || found.uid === process.getuid();
      if (!found.isFile() || !isOwn || (found.mode & OTHERS_WRITE) !== 0 || found.size !== descriptor.size) return false;
      await readThrough(verified(createReadStream(temporary), descriptor, other));
      await rename(temporary, join(folder, hexOf(descriptor.digest)));
      return true;
    } catch {
      // Another file system, or one without hard links: the caller copies the blob.
      return false;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#store([], name, [bytes]);
  }

  async #store(folder: readonly string[], name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    let pending: PendingFile | undefined;
    try {
      pending = await PendingFile.create(await this.#folders.make(...TEMPORARY), FILE_MODE);
      for await (const chunk of chunks) await pending.write(chunk);
      await pending.commit(join(await this.#folders.make(...folder), name));
    } catch (thrown) {
      throw systemCode(thrown) === undefined ? thrown : writeFailure(thrown, PLACE, this.directory);
    } finally {
      await pending?.discard();
    }
  }
}

function isMissing(thrown: unknown): boolean {
  return systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR";
}

function present<T>(work: Promise<T>, path: string): Promise<T | undefined> {
  return readIfPresent(work, PLACE, path);
}

async function readThrough(source: AsyncGenerator<unknown, void>): Promise<void> {
  while ((await source.next()).done !== true);
}
