import type { Digest } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";
import type { CacheKind } from "./kinds.js";

/** A file of the cache that is being written; `commit` puts it in place, complete or not at all. */
export interface CacheWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the file in place, stored under `key`. */
  commit(key: string): Promise<void>;
  /** Removes what was written. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * Content-addressed store on disk, shared by processes. Every file is complete or absent. Reading one marks it as used.
 * `kind` is a folder: `blobs` by digest of content, others by a key that their caller defines. Everything that touches the disk throws
 * `DhiError` "conflict" where the folder belongs to another user or others can write to it.
 */
export interface Cache {
  readonly directory: string;
  /** The path of a complete file, marked as used; undefined when absent. */
  path(kind: CacheKind, key: string): Promise<string | undefined>;
  /** Reads a small file whole. One that is damaged on disk is removed and counts as absent. */
  read(kind: CacheKind, key: string): Promise<Buffer | undefined>;
  /** Writes a small file whole, in one or a few pieces; replaces an existing one. */
  write(kind: CacheKind, key: string, ...pieces: readonly Uint8Array[]): Promise<void>;
  /** Writes a large file in pieces; its key may be its digest, known only at the end. Throws `DhiError` "limit" before the disk is full. */
  create(kind: CacheKind): Promise<CacheWriter>;
  /** Throws `DhiError` "limit" where the disk has no room for this many more bytes. `what` is what needs them, for the error. */
  requireRoom(bytes: number, what: string): Promise<void>;
  /**
   * Runs `work`, which makes this file, while no other process that shares the cache makes it: a second one waits, and should look for the file
   * again first. Only saves work: where a lock cannot be had, both make it. Throws what `work` throws, and `DhiError` "cancelled".
   */
  exclusively<T>(kind: CacheKind, key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** A blob's bytes, from the start; undefined when absent or of another size. Verified against the digest while they are read. */
  readBlob(descriptor: Pick<Descriptor, "digest" | "size">): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Stores a small blob after verifying that `bytes` match the digest. */
  writeBlob(bytes: Uint8Array): Promise<Digest>;
}
