import type { Digest } from "../../image/digest.js";
import type { SourceOrigin } from "../used-archive.js";

/** A file of an archive, with who named the archive: what a base names is asked for without credentials, at public addresses alone. */
export interface ArchiveFile {
  /** `http`, `https` or `file`, without credentials. */
  readonly url: string;
  readonly origin: SourceOrigin;
}

/** How archives are read: http, https and file URLs, with the machine's credentials, proxies and retries. */
export interface Fetcher {
  /** A small file whole; undefined when it is not there (404). `limit` in bytes. Throws `DhiError` with origin "packages". */
  read(file: ArchiveFile, limit: number): Promise<Buffer | undefined>;
  /** The first `length` bytes of a file, all of it when it is shorter; undefined when it is not there. Throws `DhiError` with origin "packages". */
  readStart(file: ArchiveFile, length: number): Promise<Buffer | undefined>;
  /**
   * A file of known digest and size, from the cache or downloaded into it (resumed where a connection broke, shared by
   * concurrent callers). Returns the path of the complete, verified file. Throws `DhiError` "not-found", "mismatch".
   */
  fetch(file: ArchiveFile, expected: { readonly digest: Digest; readonly size: number }): Promise<string>;
  /** As `fetch`, for a file that is known by something else than its digest. What `check` refuses is not kept. */
  fetchChecked(file: ArchiveFile, expected: CheckedFile): Promise<string>;
}

/** A file whose content is judged as it comes. */
export interface CheckedFile {
  /** Names what was found good in the cache: only what passes the same check may bear it. */
  readonly key: string;
  readonly size: number;
  /** A new one for each download. */
  readonly check: () => PieceCheck;
}

/** Gets a file piece by piece, and throws `DhiError` for one that is not what it must be; `end` when all came. */
export interface PieceCheck {
  write(piece: Buffer): void;
  end(): void;
}
