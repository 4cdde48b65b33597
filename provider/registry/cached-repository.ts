import type { Cache, CacheWriter } from "../cache/cache.js";
import { DhiError } from "../errors.js";
import type { Descriptor } from "../image/descriptor.js";
import { isDigest } from "../image/digest.js";
import type { Repository } from "../image/reference.js";
import { checkManifest } from "./manifests.js";
import type { BlobArrival, BlobSource, ImageRepository, StoredManifest, TagDeletion } from "./repository.js";

/**
 * A repository whose contents by digest are looked for in the cache first, and kept there once read. What a tag means
 * and what is present is always the repository's own answer. `keep`: whether blobs are kept; copies of local files need not be.
 */
export class CachedRepository implements ImageRepository {
  readonly repository: Repository;
  readonly #inner: ImageRepository;
  readonly #cache: Cache;
  readonly #keep: boolean;

  constructor(inner: ImageRepository, cache: Cache, keep: boolean) {
    this.repository = inner.repository;
    this.#inner = inner;
    this.#cache = cache;
    this.#keep = keep;
  }

  headManifest(reference: string): Promise<Omit<Descriptor, "platform" | "annotations"> | undefined> {
    return this.#inner.headManifest(reference);
  }

  async getManifest(reference: string): Promise<StoredManifest | undefined> {
    const cached = isDigest(reference) ? await this.#cachedManifest(reference) : undefined;
    if (cached !== undefined) return cached;
    const found = await this.#inner.getManifest(reference);
    if (found !== undefined && this.#keep) await this.#cache.writeBlob(found.bytes);
    return found;
  }

  putManifest(reference: string, manifest: StoredManifest): Promise<void> {
    return this.#inner.putManifest(reference, manifest);
  }

  hasBlob(descriptor: Descriptor): Promise<boolean> {
    return this.#inner.hasBlob(descriptor);
  }

  async *readBlob(descriptor: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
    const cached = await this.#cache.readBlob(descriptor);
    if (cached !== undefined) yield* cached;
    else if (this.#keep) yield* this.#keepWhileReading(descriptor);
    else yield* this.#inner.readBlob(descriptor);
  }

  putBlob(descriptor: Descriptor, source: BlobSource, from?: Repository): Promise<BlobArrival> {
    return this.#inner.putBlob(descriptor, source, from);
  }

  deleteTag(tag: string): Promise<TagDeletion> {
    return this.#inner.deleteTag(tag);
  }

  listTags(): Promise<readonly string[]> {
    return this.#inner.listTags();
  }

  async #cachedManifest(digest: string): Promise<StoredManifest | undefined> {
    const bytes = await this.#cache.read("blobs", digest);
    if (bytes === undefined) return undefined;
    try {
      return checkManifest(bytes, undefined, digest, undefined, `the cache ${this.#cache.directory}`);
    } catch (thrown) {
      // Damaged: as good as absent, since the repository has it too.
      if (thrown instanceof DhiError) return undefined;
      throw thrown;
    }
  }

  async *#keepWhileReading(descriptor: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
    const writer: CacheWriter = await this.#cache.create("blobs");
    try {
      for await (const chunk of this.#inner.readBlob(descriptor)) {
        await writer.write(chunk);
        yield chunk;
      }
      await writer.commit(descriptor.digest);
    } finally {
      await writer.discard();
    }
  }
}
