import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { crc32 } from "node:zlib";
import type { CacheWriter } from "../../cache/cache.js";
import type { Digest } from "../../image/digest.js";
import { digestFrom } from "../../image/digest.js";
import { compressSegment, GZIP_HEADER, gzipTrailer } from "../compression/compress.js";
import type { Compression } from "../compression/compress.js";
import { layerSegments } from "./segments.js";
import type { ReadContent } from "./segments.js";
import type { LayerEntry } from "../tree/node.js";
import { releaseBuffer } from "../compression/release-bytes.js";
import { stopIfAborted } from "../steps.js";

export interface WriteLayerOptions {
  /** In the order of the archive; each path once. */
  readonly entries: readonly LayerEntry[];
  /** Returns the whole content, with holes as zeros; not called for content that is bytes. */
  readonly read: ReadContent;
  readonly compression: Compression;
  /** Receives the compressed bytes in order and is awaited for each piece. */
  readonly sink: Pick<CacheWriter, "write">;
  /** Segments compressed at a time: 1 to 4; default the number of cores. Does not affect the bytes. */
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WrittenLayer {
  /** Of the compressed bytes. */
  readonly digest: Digest;
  readonly size: number;
  /** Of the tar. */
  readonly diffId: Digest;
  readonly uncompressedSize: number;
}

/** libuv's thread pool has four threads, which others need too. */
const MAX_JOBS = 4;

/**
 * Writes a layer: the archive of `entries`, compressed in parallel. The bytes depend on entries, compression and codec alone.
 * At most `jobs` segments (up to 8 MiB each) are in memory. Throws `DhiError` "mismatch" for content that does not match its digest,
 * "cancelled".
 */
export async function writeLayer(options: WriteLayerOptions): Promise<WrittenLayer> {
  const { compression, signal } = options;
  const jobs = Math.max(1, Math.min(options.jobs ?? availableParallelism(), MAX_JOBS));
  const out = new HashedSink(options.sink);
  const tar = createHash("sha256");
  let uncompressedSize = 0;
  let crc = 0;
  const waiting: Promise<Buffer>[] = [];
  const writeFirst = async (): Promise<void> => {
    const first = await waiting.shift();
    if (first === undefined) return;
    await out.write(first);
    releaseBuffer(first.buffer);
  };
  try {
    if (compression === "gzip") await out.write(GZIP_HEADER);
    for await (const segment of layerSegments(options.entries, options.read)) {
      stopIfAborted(signal);
      const compressed = compressSegment(segment, compression).finally(() => {
        releaseBuffer(segment.buffer);
      });
      // Awaited in its turn; until then its rejection counts as handled.
      compressed.catch(() => undefined);
      waiting.push(compressed);
      tar.update(segment);
      if (compression === "gzip") crc = crc32(segment, crc);
      uncompressedSize += segment.length;
      if (waiting.length >= jobs) await writeFirst();
    }
    while (waiting.length > 0) await writeFirst();
  } finally {
    await Promise.allSettled(waiting);
  }
  if (compression === "gzip") await out.write(gzipTrailer(crc, uncompressedSize));
  return { ...out.result(), diffId: digestFrom(tar), uncompressedSize };
}

class HashedSink {
  readonly #sink: Pick<CacheWriter, "write">;
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(sink: Pick<CacheWriter, "write">) {
    this.#sink = sink;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    await this.#sink.write(bytes);
  }

  result(): { readonly digest: Digest; readonly size: number } {
    return { digest: digestFrom(this.#hash), size: this.#size };
  }
}
