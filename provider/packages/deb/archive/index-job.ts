import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { openCache } from "../../../cache/open.js";
import { DhiError } from "../../../errors.js";
import { digestFrom, type Digest } from "../../../image/digest.js";
import { decompress } from "../../../rootfs/compression/decompress.js";
import { releaseBytes } from "../../../rootfs/compression/release-bytes.js";
import { PackageScanner, type ScannedPackages } from "./package-scan.js";
import { PackageTable } from "./package-table.js";
import { unxz } from "../formats/xz.js";

/** Folders of the cache: unpacked Packages files and their tables, by the digest of the unpacked file. */
export const packageIndexes = "package-indexes";
export const packageTables = "package-tables";

/** How a Packages file is compressed: the suffix of its name. */
export type IndexForm = "" | ".gz" | ".xz" | ".zst";

/** A Packages file to unpack into the cache. Plain values: it goes to another thread. */
export interface IndexJob {
  readonly kind: "index";
  readonly cacheDirectory: string;
  /** Its digest has been verified. */
  readonly file: string;
  readonly form: IndexForm;
  /** Names the file in errors. */
  readonly what: string;
  readonly key: string;
  /** What the release file states for the unpacked file, if it lists it. */
  readonly plain: { readonly digest: Digest; readonly size: number } | undefined;
  /** Bytes that it may unpack to at most. */
  readonly limit: number;
}

const PIECE = 256 * 1024;

/** Reports a parse error only at the end of the file: a digest mismatch takes precedence. */
class LateScanner {
  readonly #scanner: PackageScanner;
  #failure: { readonly thrown: unknown } | undefined;

  constructor(what: string) {
    this.#scanner = new PackageScanner(what);
  }

  add(piece: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      this.#scanner.add(piece);
    } catch (thrown) {
      this.#failure = { thrown };
    }
  }

  finish(): ScannedPackages {
    if (this.#failure !== undefined) throw this.#failure.thrown;
    return this.#scanner.finish();
  }
}

/** Writes the unpacked file and its table to the cache. Throws `DhiError` "mismatch", "invalid", "limit", each with `what` in its message. */
export async function indexIntoCache({ cacheDirectory, file, form, what, key, plain, limit }: IndexJob): Promise<void> {
  const cache = openCache({ directory: cacheDirectory });
  const writer = await cache.create(packageIndexes);
  try {
    const hash = createHash("sha256");
    const scanner = new LateScanner(what);
    let size = 0;
    const packed: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: PIECE });
    for await (const piece of unpacked(packed, form)) {
      size += piece.length;
      if (size > limit) throw new DhiError(plain === undefined ? "limit" : "mismatch", `${what} unpacks to more than ${limit} bytes`);
      hash.update(piece);
      await writer.write(piece);
      scanner.add(piece);
      if (form !== "") releaseBytes(piece);
    }
    const digest = digestFrom(hash);
    if (plain !== undefined && (size !== plain.size || digest !== plain.digest))
      throw new DhiError(
        "mismatch",
        `${what} unpacks to ${size} bytes with ${digest}, but its release file states ${plain.size} bytes with ${plain.digest}`,
      );
    const table = PackageTable.encode(scanner.finish());
    await writer.commit(key);
    await cache.write(packageTables, key, table);
  } catch (thrown) {
    throw thrown instanceof DhiError && !thrown.message.includes(what)
      ? new DhiError(thrown.code, `${what}: ${thrown.message}`, { cause: thrown })
      : thrown;
  } finally {
    await writer.discard();
  }
}

function unpacked(source: AsyncIterable<Uint8Array>, form: IndexForm): AsyncIterable<Buffer> {
  switch (form) {
    case "":
      return decompress(source, "none");
    case ".gz":
      return decompress(source, "gzip");
    case ".xz":
      return unxz(source);
    case ".zst":
      return decompress(source, "zstd");
  }
}
