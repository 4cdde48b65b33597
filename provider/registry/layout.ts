import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, readdir, readFile, rename, stat, unlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ifPresent, PendingFile, sweep, systemCode, writeFailure } from "../cache/files.js";
import { verified } from "../cache/verified.js";
import { DhiError } from "../errors.js";
import { hexOf, type Digest } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";
import { withFileLock } from "./file-lock.js";
import { emptyLayoutIndex, formatLayoutIndex, parseLayoutIndex, type LayoutIndex } from "./layout-index.js";
import { Limiter, Shared } from "./limiter.js";
import type { BlobArrival, BlobSource } from "./repository.js";

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/** One OCI image layout on disk: its files, and the lock under which its index changes. One for a folder and operation. */
export class Layout {
  readonly directory: string;
  readonly #signal: AbortSignal | undefined;
  /** Within the process the wait is a queue; only its head competes for the file. */
  readonly #queue = new Limiter(1);
  readonly #putting = new Shared<BlobArrival>();
  #prepared: Promise<void> | undefined;

  constructor(directory: string, signal: AbortSignal | undefined) {
    this.directory = directory;
    this.#signal = signal;
  }

  blobPath(digest: Digest): string {
    return join(this.directory, "blobs", "sha256", hexOf(digest));
  }

  /** Empty where there is no layout. */
  async readIndex(): Promise<LayoutIndex> {
    const bytes = await ifPresent(readFile(join(this.directory, "index.json")));
    return bytes === undefined ? emptyLayoutIndex : parseLayoutIndex(bytes, this.directory);
  }

  /** Puts what `change` makes of the index in its place, alone among all processes. `after` runs under the same lock. */
  async updateIndex(
    change: (index: LayoutIndex) => Promise<LayoutIndex> | LayoutIndex,
    after?: (index: LayoutIndex) => Promise<void>,
  ): Promise<void> {
    await this.#prepare();
    await this.#queue.run(() =>
      withFileLock(this.#own("lock"), { signal: this.#signal, what: `the layout ${this.directory}` }, async () => {
        const index = await change(await this.readIndex());
        await this.#write(join(this.directory, "index.json"), formatLayoutIndex(index));
        await after?.(index);
      }),
    );
  }

  async statBlob(digest: Digest): Promise<{ readonly size: number; readonly modified: number } | undefined> {
    const found = await ifPresent(stat(this.blobPath(digest)));
    return found?.isFile() === true ? { size: found.size, modified: found.mtimeMs } : undefined;
  }

  /** A small blob whole, unchecked. */
  async readWhole(digest: Digest): Promise<Buffer | undefined> {
    return await ifPresent(readFile(this.blobPath(digest)));
  }

  /** Throws `DhiError` "not-found" and "mismatch". */
  async *readBlob(descriptor: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
    const file: AsyncIterable<Uint8Array> = createReadStream(this.blobPath(descriptor.digest), { highWaterMark: 256 * 1024 });
    try {
      yield* verified(file, descriptor, `oci:${this.directory}`);
    } catch (thrown) {
      if (systemCode(thrown) !== "ENOENT" && systemCode(thrown) !== "ENOTDIR") throw thrown;
      throw new DhiError("not-found", `blob ${descriptor.digest} is not in oci:${this.directory}`, { cause: thrown });
    }
  }

  /** Young again, so that the collection of unreachable blobs leaves it to whoever is about to name it. */
  async touch(digest: Digest): Promise<void> {
    const now = new Date();
    await utimes(this.blobPath(digest), now, now).catch(() => undefined);
  }

  /** `other`: the file of the same blob in another layout. */
  putBlob(descriptor: Descriptor, source: BlobSource, other: string | undefined): Promise<BlobArrival> {
    return this.#putting.run(descriptor.digest, async () => {
      if ((await this.statBlob(descriptor.digest))?.size === descriptor.size) {
        await this.touch(descriptor.digest);
        return "present";
      }
      await this.#prepare();
      if (other !== undefined && (await this.#link(descriptor, other))) return "mounted";
      await this.#store(this.blobPath(descriptor.digest), verified(source(), descriptor, "its source"));
      return "uploaded";
    });
  }

  async putBytes(digest: Digest, bytes: Uint8Array): Promise<void> {
    await this.#prepare();
    await this.#write(this.blobPath(digest), bytes);
  }

  async listBlobs(): Promise<readonly string[]> {
    return (await ifPresent(readdir(join(this.directory, "blobs", "sha256")))) ?? [];
  }

  async removeBlob(digest: Digest): Promise<void> {
    await ifPresent(unlink(this.blobPath(digest)));
  }

  #own(name: string): string {
    return join(this.directory, ".pulumi-dhi", name);
  }

  /** The marker file first, so that a folder that is something else is never written into. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#makeLayout().catch((thrown: unknown) => {
      this.#prepared = undefined;
      throw thrown;
    });
    return this.#prepared;
  }

  async #makeLayout(): Promise<void> {
    const marker = join(this.directory, "oci-layout");
    await sweep(this.#own("temporary"));
    if ((await ifPresent(stat(marker))) !== undefined) return;
    const others = ((await ifPresent(readdir(this.directory))) ?? []).filter(
      (name) => !["blobs", "index.json", ".pulumi-dhi", "oci-layout"].includes(name),
    );
    if (others.length > 0) {
      throw new DhiError(
        "conflict",
        `${this.directory} holds other things (${others.toSorted().slice(0, 3).join(", ")}) and is no OCI image layout`,
        {
          hint: "Name an empty folder or one that does not exist yet",
        },
      );
    }
    await this.#write(marker, Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    if ((await ifPresent(stat(join(this.directory, "index.json")))) === undefined) await this.#writeFirstIndex();
  }

  /** Readers of layouts want an index from the beginning. */
  async #writeFirstIndex(): Promise<void> {
    await withFileLock(this.#own("lock"), { signal: this.#signal, what: `the layout ${this.directory}` }, async () => {
      const path = join(this.directory, "index.json");
      if ((await ifPresent(stat(path))) === undefined) await this.#write(path, formatLayoutIndex(emptyLayoutIndex));
    });
  }

  async #link(descriptor: Descriptor, other: string): Promise<boolean> {
    const temporary = this.#own(join("temporary", `${process.pid}-${randomUUID()}`));
    try {
      if ((await stat(other)).size !== descriptor.size) return false;
      await readThrough(verified(createReadStream(other), descriptor, other));
      const path = this.blobPath(descriptor.digest);
      for (const folder of [dirname(temporary), dirname(path)]) await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      await link(other, temporary);
      await rename(temporary, path);
      return true;
    } catch {
      // Another file system, or one without hard links: the blob is copied instead.
      return false;
    }
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#store(path, [bytes]);
  }

  async #store(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    let pending: PendingFile | undefined;
    try {
      pending = await PendingFile.create(this.#own("temporary"), FILE_MODE, FOLDER_MODE);
      for await (const chunk of chunks) await pending.write(chunk);
      await pending.commit(path, FOLDER_MODE);
    } catch (thrown) {
      throw systemCode(thrown) === undefined ? thrown : writeFailure(thrown, "the layout", this.directory);
    } finally {
      await pending?.discard();
    }
  }
}

async function readThrough(source: AsyncGenerator<unknown, void>): Promise<void> {
  while ((await source.next()).done !== true);
}
