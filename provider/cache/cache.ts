import type { Digest } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";

/** A file of the cache that is being written; it appears under its name at `commit`, whole or not at all. */
export interface CacheWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the file in place, where it is known as `key` from then on. */
  commit(key: string): Promise<void>;
  /** Removes what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * Content-addressed store on disk, shared by processes. Every file is complete or absent. Reading one marks it as used.
 * `kind` is a folder: `blobs` by digest of content, others by a key of their maker's.
 */
export interface Cache {
  readonly directory: string;
  /** The path of a complete file, marked as used; undefined when absent. */
  path(kind: string, key: string): Promise<string | undefined>;
  /** A small file whole. */
  read(kind: string, key: string): Promise<Buffer | undefined>;
  /** A small file whole; an existing one is replaced. */
  write(kind: string, key: string, bytes: Uint8Array): Promise<void>;
  /** A large file in pieces; its key may be its digest, known only at the end. */
  create(kind: string): Promise<CacheWriter>;
  /** A blob's bytes, read from the start; undefined when absent. Content is checked against the digest while it is read. */
  readBlob(descriptor: Pick<Descriptor, "digest" | "size">): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** A small blob: checks the digest of `bytes`, stores it under it. */
  writeBlob(bytes: Uint8Array): Promise<Digest>;
}
