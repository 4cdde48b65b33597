import type { Digest } from "../../image/digest.js";
import type { SourceOrigin } from "../used-archive.js";

/** A file of an archive, with who named the archive: what a base names is fetched without credentials, from public addresses only. */
export interface ArchiveFile {
  /** `http`, `https` or `file`, without credentials. */
  readonly url: string;
  readonly origin: SourceOrigin;
}

/** How archives are read: http, https and file URLs, with the machine's credentials, proxies and retries. */
export interface Fetcher {
  /** Reads a small file whole; undefined if it does not exist (404). `limit` in bytes. Throws `DhiError` with origin "packages". */
  read(file: ArchiveFile, limit: number): Promise<Buffer | undefined>;
  /** The first `length` bytes of a file, all of it if it is shorter; undefined if it does not exist. Throws `DhiError` with origin "packages". */
  readStart(file: ArchiveFile, length: number): Promise<Buffer | undefined>;
  /**
   * A file of known digest and size, from the cache or downloaded into it (resumed after a broken connection, shared by
   * concurrent callers). Returns the path of the complete, verified file. Throws `DhiError` "not-found", "mismatch".
   */
  fetch(file: ArchiveFile, expected: { readonly digest: Digest; readonly size: number }): Promise<string>;
  /** As `fetch`, for a file that is identified by something other than its digest. A file that `check` rejects is not cached. */
  fetchChecked(file: ArchiveFile, expected: CheckedFile): Promise<string>;
}

/** A file whose content is checked while it is downloaded. */
export interface CheckedFile {
  /** The cache key of a file that passed: only files that pass the same check may have it. */
  readonly key: string;
  readonly size: number;
  /** A new one for each download. */
  readonly check: () => PieceCheck;
}

/** Receives a file piece by piece, and throws `DhiError` if the check fails; `end` after the last piece. */
export interface PieceCheck {
  write(piece: Buffer): void;
  end(): void;
}
