import { join } from "node:path";
import { z } from "zod";
import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import { hexOf, isDigest, type Digest } from "../../image/digest.js";
import { orAbsent } from "../../image/lenient.js";
import { formatRepository, type LayoutRepository as LayoutName, type Repository } from "../../image/reference.js";
import { collectGarbage } from "./garbage.js";
import { findTag, tagOf, childrenOf, withEntry, withoutTag, REF_NAME, type LayoutEntry, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";
import { checkManifest, checkReference, MANIFEST_LIMIT, nameManifest, readFields, subjectOf } from "../manifests.js";
import type { BlobArrival, BlobSource, ImageRepository, StoredManifest, TagDeletion } from "../repository.js";

const referrerFields = z.object({ artifactType: orAbsent(z.string()), subject: z.unknown() });

/** An OCI image layout as a repository: tags are entries of `index.json`, everything else is a blob. */
export class LayoutRepository implements ImageRepository {
  readonly repository: LayoutName;
  readonly #layout: Layout;
  readonly #resolve: (path: string) => string;
  readonly #where: string;
  /** Of each state of the index: every subject is asked for, and all entries have to be read to know those of one. */
  readonly #referrers = new WeakMap<LayoutIndex, Promise<ReadonlyMap<Digest, readonly Digest[]>>>();

  /** `resolve` makes the declared path of another layout absolute. */
  constructor(repository: LayoutName, layout: Layout, resolve: (path: string) => string) {
    this.repository = repository;
    this.#layout = layout;
    this.#resolve = resolve;
    this.#where = formatRepository(repository);
  }

  async headManifest(reference: string): Promise<Omit<Descriptor, "platform" | "annotations"> | undefined> {
    const found = await this.getManifest(reference);
    return found === undefined ? undefined : { mediaType: found.mediaType, digest: found.digest, size: found.bytes.byteLength };
  }

  async getManifest(reference: string): Promise<StoredManifest | undefined> {
    checkReference(reference);
    const index = await this.#layout.readIndex();
    const entry = isDigest(reference) ? index.entries.find(({ digest }) => digest === reference) : findTag(index, reference);
    const digest = isDigest(reference) ? reference : entry?.digest;
    if (digest === undefined) return undefined;
    if (!isDigest(digest)) {
      throw new DhiError("invalid", `${nameManifest(reference)} of ${this.#where} has the digest ${digest}: only sha256 is supported`, {
        hint: "Copy the image there again with a tool that uses sha256 digests, or use another tag",
      });
    }
    const size = (await this.#layout.statBlob(digest))?.size;
    if (size === undefined) {
      if (entry === undefined) return undefined;
      throw new DhiError("mismatch", `${nameManifest(reference)} of ${this.#where} has the digest ${digest}, whose blob is missing`);
    }
    if (size > MANIFEST_LIMIT) throw new DhiError("limit", `${nameManifest(reference)} in ${this.#where} is larger than 4 MiB`);
    const bytes = await this.#layout.readWhole(digest);
    return bytes === undefined ? undefined : checkManifest(bytes, entry?.mediaType, reference, digest, this.#where);
  }

  async putManifest(reference: string, manifest: StoredManifest): Promise<void> {
    const { digest, mediaType, bytes } = checkManifest(
      manifest.bytes,
      manifest.mediaType,
      checkReference(reference),
      manifest.digest,
      "the manifest to store",
    );
    await this.#checkChildren(reference, bytes);
    await this.#layout.putBytes(digest, bytes);
    const { artifactType, subject } = readFields(bytes, referrerFields) ?? {};
    const entry: LayoutEntry = { mediaType, digest, size: bytes.byteLength, ...(artifactType === undefined ? {} : { artifactType }) };
    if (isDigest(reference)) {
      // Referrers have no tag: they are found only through an entry of the index.
      if (subject === undefined) return;
      await this.#layout.updateIndex((index) => (index.entries.some((known) => known.digest === digest) ? index : withEntry(index, entry)));
      return;
    }
    await this.#layout.updateIndex(async (index) => {
      // Checked again under the lock, since a deletion by another process may have collected blobs.
      await this.#checkChildren(reference, bytes);
      await this.#layout.putBytes(digest, bytes);
      return withEntry(withoutTag(index, reference), { ...entry, annotations: { [REF_NAME]: reference } });
    });
  }

  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    if ((await this.#layout.statBlob(descriptor.digest))?.size !== descriptor.size) return false;
    await this.#layout.touch(descriptor.digest);
    return true;
  }

  readBlob(descriptor: Descriptor): AsyncIterable<Uint8Array> {
    return this.#layout.readBlob(descriptor);
  }

  putBlob(descriptor: Descriptor, source: BlobSource, from?: Repository): Promise<BlobArrival> {
    const other = from?.kind === "layout" ? join(this.#resolve(from.path), "blobs", "sha256", hexOf(descriptor.digest)) : undefined;
    return this.#layout.putBlob(descriptor, source, other);
  }

  async deleteTag(tag: string, expected?: Digest): Promise<TagDeletion> {
    checkReference(tag);
    const isWanted = (index: LayoutIndex): boolean => {
      const found = findTag(index, tag);
      return found !== undefined && (expected === undefined || found.digest === expected);
    };
    // Runs even without the tag, as an interrupted deletion may have left garbage, but never creates a layout.
    if (!isWanted(await this.#layout.readIndex()) && (await this.#layout.written.list()).length === 0) return { deleted: true };
    await this.#layout.updateIndex(
      // Checked again under the lock: another process may have moved the tag.
      (index) => (isWanted(index) ? withoutTag(index, tag) : index),
      (index) => collectGarbage(this.#layout, index, Date.now()),
    );
    return { deleted: true };
  }

  /** Tagged entries stay, as `deleteTag` removes them. */
  async deleteManifest(digest: Digest): Promise<TagDeletion> {
    const isWanted = (entry: LayoutEntry): boolean => entry.digest === digest && tagOf(entry) === undefined;
    if (!(await this.#layout.readIndex()).entries.some(isWanted)) return { deleted: true };
    await this.#layout.updateIndex(
      (index) => ({ ...index, entries: index.entries.filter((entry) => !isWanted(entry)) }),
      (index) => collectGarbage(this.#layout, index, Date.now()),
    );
    return { deleted: true };
  }

  async listTags(): Promise<readonly string[]> {
    const tags = (await this.#layout.readIndex()).entries.flatMap((entry) => tagOf(entry) ?? []);
    return [...new Set(tags)].toSorted((one, other) => (one < other ? -1 : 1));
  }

  /** Referrers are entries of `index.json`, as `putManifest` writes them. */
  async listReferrers(subject: Digest): Promise<readonly Digest[]> {
    const index = await this.#layout.readIndex();
    const known = this.#referrers.get(index) ?? this.#readReferrers(index);
    this.#referrers.set(index, known);
    known.catch(() => this.#referrers.delete(index));
    return (await known).get(subject) ?? [];
  }

  /** By subject. */
  async #readReferrers({ entries }: LayoutIndex): Promise<ReadonlyMap<Digest, readonly Digest[]>> {
    const found = new Map<Digest, Digest[]>();
    for (const digest of new Set(entries.flatMap((entry) => (isDigest(entry.digest) ? [entry.digest] : [])))) {
      const size = (await this.#layout.statBlob(digest))?.size ?? Infinity;
      const bytes = size > MANIFEST_LIMIT ? undefined : await this.#layout.readWhole(digest);
      const subject = bytes === undefined ? undefined : subjectOf(bytes);
      if (subject !== undefined) found.set(subject, [...(found.get(subject) ?? []), digest]);
    }
    return found;
  }

  async #checkChildren(reference: string, bytes: Buffer): Promise<void> {
    for (const { digest, manifest } of childrenOf(bytes)) {
      const found = await this.#layout.statBlob(digest);
      if (found === undefined) {
        throw new DhiError(
          "rejected",
          `could not store ${nameManifest(reference)} in ${this.#where}: it needs ${digest}, which is missing`,
        );
      }
      await this.#layout.touch(digest);
      const child = manifest && found.size <= MANIFEST_LIMIT ? await this.#layout.readWhole(digest) : undefined;
      if (child !== undefined) await this.#checkChildren(reference, child);
    }
  }
}
