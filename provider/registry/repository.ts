import type { Descriptor } from "../image/descriptor.js";
import type { Digest } from "../image/digest.js";
import type { Repository } from "../image/reference.js";

/** The exact bytes of a manifest or index, with the media type and digest that they were stored under. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** Bytes that can be read more than once, from the start each time (an upload that is tried again). */
export type BlobSource = () => AsyncIterable<Uint8Array>;

/** How a blob came to be where it is wanted. */
export type BlobArrival = "present" | "mounted" | "uploaded";

export interface TagDeletion {
  readonly deleted: boolean;
  /** Why not, in the registry's words. */
  readonly reason?: string;
}

/**
 * One repository, remote or a layout folder. Nothing here retries a wrong answer: only 404 is "not there" (`undefined`
 * or `false`); 401, 403, 429, 5xx and a broken network throw `DhiError` with the registry's own message.
 */
export interface ImageRepository {
  readonly repository: Repository;
  /** What a tag or digest points at, without its bytes. */
  headManifest(reference: string): Promise<Omit<Descriptor, "platform" | "annotations"> | undefined>;
  /** Checked against its digest (the one asked for, or the one the server names). At most 4 MiB. */
  getManifest(reference: string): Promise<StoredManifest | undefined>;
  /** Under a tag or its own digest. Complete children are the caller's duty. */
  putManifest(reference: string, manifest: StoredManifest): Promise<void>;
  hasBlob(descriptor: Descriptor): Promise<boolean>;
  /**
   * The bytes as stored. Ends with an error when size or digest differ; a broken connection is resumed where it broke.
   * Throws `DhiError` "not-found" when absent.
   */
  readBlob(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /**
   * Makes the blob present: already there, mounted from `from` (another repository of the same registry), or uploaded
   * from `source`. The destination must prove the digest. Concurrent calls for one blob share the work.
   */
  putBlob(descriptor: Descriptor, source: BlobSource, from?: Repository): Promise<BlobArrival>;
  /**
   * Removes a tag and never a manifest that another tag needs. When it cannot be removed, the tag is left as it was.
   * A tag that is not there counts as deleted, and so does one that no longer points at `expected`: it is another's.
   */
  deleteTag(tag: string, expected?: Digest): Promise<TagDeletion>;
  /** All tags, sorted. Empty when the repository does not exist. */
  listTags(): Promise<readonly string[]>;
  /**
   * Digests of the manifests whose `subject` this is (distribution spec, "Listing Referrers"). Undefined where the registry has no list:
   * referrers are then kept under a fallback tag.
   */
  listReferrers(subject: Digest): Promise<readonly Digest[] | undefined>;
}

/** Opens repositories; one a Pulumi operation, so that connections, tokens and work in progress are shared. */
export interface Repositories {
  open(repository: Repository): ImageRepository;
  /** One text for whatever spelling of a repository: layouts by their folder, registries by their host. */
  key(repository: Repository): string;
  /** True when a blob can be mounted from the one to the other. */
  sameRegistry(one: Repository, other: Repository): boolean;
  close(): Promise<void>;
}
