import { join } from "node:path";
import { z } from "zod";
import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import { digestSchema, hexOf, isDigest, type Digest } from "../../image/digest.js";
import { orAbsent } from "../../image/lenient.js";
import { formatRepository, type LayoutRepository as LayoutName, type Repository } from "../../image/reference.js";
import { collectGarbage } from "./garbage.js";
import { findTag, tagOf, childrenOf, withEntry, withoutTag, REF_NAME, type LayoutEntry, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";
import { checkManifest, checkReference, MANIFEST_LIMIT, nameManifest, readFields } from "../manifests.js";
import type { BlobArrival, BlobSource, ImageRepository, StoredManifest, TagDeletion } from "../repository.js";

const marks = z.object({ artifactType: orAbsent(z.string()), subject: z.unknown() });
const referrerSchema = z.object({ subject: z.object({ digest: digestSchema }) });

/** A layout folder as a repository: tags are entries of `index.json`, everything else is blobs. */
export class LayoutRepository implements ImageRepository {
  readonly repository: LayoutName;
  readonly #layout: Layout;
  readonly #resolve: (path: string) => string;
  readonly #where: string;

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
      throw new DhiError("invalid", `${nameManifest(reference)} of ${this.#where} names ${digest}: only sha256 digests are read`, {
        hint: "Copy the image there again with a tool that writes sha256 digests, or name another tag",
      });
    }
    const size = (await this.#layout.statBlob(digest))?.size;
    if (size === undefined) {
      if (entry === undefined) return undefined;
      throw new DhiError("mismatch", `${nameManifest(reference)} of ${this.#where} names ${digest}, whose blob is missing`);
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
      "what was to be stored",
    );
    await this.#checkChildren(reference, bytes);
    await this.#layout.putBytes(digest, bytes);
    const { artifactType, subject } = readFields(bytes, marks) ?? {};
    const entry: LayoutEntry = { mediaType, digest, size: bytes.byteLength, ...(artifactType === undefined ? {} : { artifactType }) };
    if (isDigest(reference)) {
      // Referrers have no tag; nothing else would tell that they are there.
      if (subject === undefined) return;
      await this.#layout.updateIndex((index) => (index.entries.some((known) => known.digest === digest) ? index : withEntry(index, entry)));
      return;
    }
    await this.#layout.updateIndex(async (index) => {
      // Looked at again under the lock, since a deletion elsewhere may have collected what was there.
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
    // Also without the tag: a deletion that was interrupted may have left garbage. Where there is no layout none is made.
    if (!isWanted(await this.#layout.readIndex()) && (await this.#layout.written.list()).length === 0) return { deleted: true };
    await this.#layout.updateIndex(
      // Under the lock once more: another process may have moved it.
      (index) => (isWanted(index) ? withoutTag(index, tag) : index),
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
    const { entries } = await this.#layout.readIndex();
    const digests = [...new Set(entries.flatMap(({ digest }) => (isDigest(digest) ? [digest] : [])))];
    const found: Digest[] = [];
    for (const digest of digests) {
      const size = (await this.#layout.statBlob(digest))?.size ?? Infinity;
      const bytes = size > MANIFEST_LIMIT ? undefined : await this.#layout.readWhole(digest);
      if (bytes !== undefined && readFields(bytes, referrerSchema)?.subject.digest === subject) found.push(digest);
    }
    return found;
  }

  async #checkChildren(reference: string, bytes: Buffer): Promise<void> {
    for (const { digest, manifest } of childrenOf(bytes)) {
      const found = await this.#layout.statBlob(digest);
      if (found === undefined) {
        throw new DhiError(
          "rejected",
          `could not store ${nameManifest(reference)} in ${this.#where}: it needs ${digest}, which is not there`,
        );
      }
      await this.#layout.touch(digest);
      const child = manifest && found.size <= MANIFEST_LIMIT ? await this.#layout.readWhole(digest) : undefined;
      if (child !== undefined) await this.#checkChildren(reference, child);
    }
  }
}
