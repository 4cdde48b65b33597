import type { Digest } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";
import type { CacheKind } from "./kinds.js";

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
 * `kind` is a folder: `blobs` by digest of content, others by a key of their maker's. All that touch the disk throw `DhiError`
 * "conflict" where the folder is another user's or others may write to it.
 */
export interface Cache {
  readonly directory: string;
  /** The path of a complete file, marked as used; undefined when absent. */
  path(kind: CacheKind, key: string): Promise<string | undefined>;
  /** A small file whole. One that the disk has damaged is removed, and absent. */
  read(kind: CacheKind, key: string): Promise<Buffer | undefined>;
  /** A small file whole, in one piece or a few; an existing one is replaced. */
  write(kind: CacheKind, key: string, ...pieces: readonly Uint8Array[]): Promise<void>;
  /** A large file in pieces; its key may be its digest, known only at the end. Throws `DhiError` "limit" before the disk is full. */
  create(kind: CacheKind): Promise<CacheWriter>;
  /** Throws `DhiError` "limit" where the disk has no room for so many bytes more. `what` is what needs them, for the error. */
  requireRoom(bytes: number, what: string): Promise<void>;
  /** A blob's bytes, read from the start; undefined when absent or of another size. Content is checked against the digest while it is read. */
  readBlob(descriptor: Pick<Descriptor, "digest" | "size">): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** A small blob: checks the digest of `bytes`, stores it under it. */
  writeBlob(bytes: Uint8Array): Promise<Digest>;
}
