import type { Digest } from "../image/digest.js";

/** How archives are read: http, https and file URLs, with the machine's credentials, proxies and retries. */
export interface Fetcher {
  /** A small file whole; undefined when it is not there (404). `limit` in bytes. Throws `DhiError` with origin "packages". */
  read(url: string, limit: number): Promise<Buffer | undefined>;
  /**
   * A file of known digest and size, from the cache or downloaded into it (resumed where a connection broke, shared by
   * concurrent callers). Returns the path of the complete, verified file. Throws `DhiError` "not-found", "mismatch".
   */
  fetch(url: string, expected: { readonly digest: Digest; readonly size: number }): Promise<string>;
}
