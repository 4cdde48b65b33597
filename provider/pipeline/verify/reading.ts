import { z } from "zod";
import { mapParallel } from "../../async/parallel.js";
import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { orAbsent } from "../../image/lenient.js";
import { fallbackTag, referrersOf } from "../mirror/attached-tags.js";
import { readFields } from "../../registry/manifests.js";
import type { ImageRepository, StoredManifest } from "../../registry/repository.js";

const jobs = 8;

/** Manifests and blobs that are read for one image: a registry could make up more of them without end. */
export const MAX_READS = 1000;
/** All of them together. */
export const MAX_READ_BYTES = 64 * 1024 * 1024;

/** What may still be read for one image. */
export interface Budget {
  reads: number;
  bytes: number;
}

export function openBudget(): Budget {
  return { reads: MAX_READS, bytes: MAX_READ_BYTES };
}

/** A manifest that refers to another, and what it says that it is. */
export interface Referrer extends StoredManifest {
  readonly type: string;
}

const typeSchema = z.object({ artifactType: orAbsent(z.string()), config: orAbsent(z.object({ mediaType: z.string() })) });

/** Reads what is attached to an image in one repository, within a budget. Throws `DhiError` "limit" beyond it. */
export class Reading {
  readonly #repository: ImageRepository;
  readonly #budget: Budget;

  constructor(repository: ImageRepository, budget: Budget) {
    this.#repository = repository;
    this.#budget = budget;
  }

  async manifest(reference: string): Promise<StoredManifest | undefined> {
    this.#spend(0);
    const stored = await this.#repository.getManifest(reference);
    this.#budget.bytes -= stored?.bytes.length ?? 0;
    return stored;
  }

  async blob(descriptor: Descriptor): Promise<Buffer> {
    this.#spend(descriptor.size);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#repository.readBlob(descriptor)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** By the list of the registry. Where it has none, or nothing in it, they may be under a tag (distribution spec, "Referrers Tag Schema"). */
  async referrers(subject: Digest): Promise<readonly Referrer[]> {
    let digests = (await this.#repository.listReferrers(subject)) ?? [];
    if (digests.length === 0) {
      const index = await this.manifest(fallbackTag(subject));
      digests = index === undefined ? [] : referrersOf(index);
    }
    const found = await mapParallel(digests, jobs, (digest) => this.manifest(digest));
    return found.flatMap((stored) => (stored === undefined ? [] : [{ ...stored, type: typeOf(stored) }]));
  }

  #spend(bytes: number): void {
    this.#budget.reads -= 1;
    this.#budget.bytes -= bytes;
    if (this.#budget.reads >= 0 && this.#budget.bytes >= 0) return;
    const limit = `${String(MAX_READS)} manifests and blobs, or ${String(MAX_READ_BYTES / 1024 / 1024)} MiB`;
    throw new DhiError("limit", `more than ${limit}, is attached to the image, and the rest is not read`);
  }
}

function typeOf({ bytes }: StoredManifest): string {
  const { artifactType, config } = readFields(bytes, typeSchema) ?? {};
  return artifactType ?? config?.mediaType ?? "";
}
