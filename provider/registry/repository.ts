import type { Descriptor } from "../image/descriptor.js";
import type { Digest } from "../image/digest.js";
import type { Repository } from "../image/reference.js";

/** The exact bytes of a manifest or index, with the media type and digest that they were stored under. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** Opens the bytes from the start, each time it is called: an upload may be retried. */
export type BlobSource = () => AsyncIterable<Uint8Array>;

/** How a blob got to its destination. */
export type BlobArrival = "present" | "mounted" | "uploaded";

export interface TagDeletion {
  readonly deleted: boolean;
  /** Why not, in the words of the registry. */
  readonly reason?: string;
}

/**
 * A repository of a registry, or an OCI image layout. Only 404 means "not there" (`undefined` or `false`); 401, 403, 429, 5xx and a
 * broken network throw `DhiError` with the registry's own message.
 */
export interface ImageRepository {
  readonly repository: Repository;
  /** The descriptor of the manifest that a tag or digest points at. */
  headManifest(reference: string): Promise<Omit<Descriptor, "platform" | "annotations"> | undefined>;
  /** Verified against its digest (the requested one, and the one in the response). At most 4 MiB. */
  getManifest(reference: string): Promise<StoredManifest | undefined>;
  /** Stores a manifest under a tag or its own digest. The caller has to store its children first. */
  putManifest(reference: string, manifest: StoredManifest): Promise<void>;
  hasBlob(descriptor: Descriptor): Promise<boolean>;
  /**
   * The bytes as stored. A broken connection is resumed. Throws `DhiError` "mismatch" when size or digest differ, "not-found" when
   * absent.
   */
  readBlob(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /**
   * Ensures that the blob is present: it is already there, mounted from `from` (another repository of the same registry), or
   * uploaded from `source`. The destination verifies the digest. Concurrent calls for one blob share the work.
   */
  putBlob(descriptor: Descriptor, source: BlobSource, from?: Repository): Promise<BlobArrival>;
  /**
   * Removes a tag, but never a manifest that another tag needs. A tag that cannot be removed is left as it was.
   * An absent tag counts as deleted, and so does one that no longer points at `expected`: it belongs to someone else.
   */
  deleteTag(tag: string, expected?: Digest): Promise<TagDeletion>;
  /**
   * Removes a manifest that no tag needs, such as a referrer. One that is absent counts as deleted; one that the registry does not delete
   * stays, with the registry's reason.
   */
  deleteManifest(digest: Digest): Promise<TagDeletion>;
  /** All tags, sorted. Empty when the repository does not exist. */
  listTags(): Promise<readonly string[]>;
  /**
   * Digests of the manifests whose `subject` this is (distribution spec, "Listing Referrers"). Undefined where the registry has no list:
   * referrers are then kept under a fallback tag.
   */
  listReferrers(subject: Digest): Promise<readonly Digest[] | undefined>;
}

/** Opens repositories. One instance a Pulumi operation: connections, tokens and work in progress are shared. */
export interface Repositories {
  open(repository: Repository): ImageRepository;
  /** The same text for all spellings of a repository: layouts by their folder, registries by their host. */
  key(repository: Repository): string;
  /** Names of all repositories of a registry, sorted. Throws `DhiError` "not-found" where it has no such list. */
  listRepositories(host: string): Promise<readonly string[]>;
  /** Whether a blob can be mounted from one to the other. */
  sameRegistry(one: Repository, other: Repository): boolean;
  close(): Promise<void>;
}
