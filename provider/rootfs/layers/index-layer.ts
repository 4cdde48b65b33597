import { createHash } from "node:crypto";
import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { digestFrom } from "../../image/digest.js";
import type { LayerCompression } from "../../image/media-types.js";
import { asBuffer } from "../compression/decompress-bytes.js";
import { decompress } from "../compression/decompress.js";
import { EntryCollector } from "./entries.js";
import type { LayerIndex, RawPath } from "../tree/node.js";
import { releaseBytes } from "../compression/release-bytes.js";
import { sniffCompression } from "../compression/sniff.js";
import { inTurns } from "../steps.js";
import { TarReader } from "../tar/reader.js";
export { decodeLayerIndex, encodeLayerIndex } from "./index-file.js";

export interface IndexLayerOptions {
  /** The blob's bytes. */
  readonly source: AsyncIterable<Uint8Array>;
  /** From the media type; the bytes decide where they show another one. */
  readonly compression: LayerCompression;
  readonly descriptor: Pick<Descriptor, "digest" | "size">;
  /** Checked when given. */
  readonly diffId?: Digest | undefined;
  /** Receives the uncompressed tar in order and is awaited for each piece; what it received is only valid when the whole call succeeds. */
  readonly spool?: ((chunk: Buffer) => Promise<void>) | undefined;
  /** Files whose bytes the index keeps, if they are at most 4 MiB. */
  readonly keep?: ((path: RawPath) => boolean) | undefined;
  /** Maximum size of the uncompressed tar in bytes. Default `MAX_ARCHIVE`. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a layer in one pass: verifies blob and diffID to the last byte and hashes every file. Throws `DhiError` "mismatch" when the bytes
 * do not match the descriptor or diffID, "invalid" when they are not a tar, "limit", and "cancelled" or the signal's reason when it was
 * aborted.
 */
export async function indexLayer(options: IndexLayerOptions): Promise<LayerIndex> {
  const { descriptor, spool, signal } = options;
  const blob = new CheckedBlob(options.source, descriptor);
  const collector = new EntryCollector(descriptor.digest, options.keep);
  const reader = new TarReader(collector, options.limit);
  const hash = createHash("sha256");
  let size = 0;
  let { compression } = options;
  try {
    const sniffed = await sniffCompression(blob.read());
    compression = sniffed.compression ?? compression;
    for await (const chunk of decompress(sniffed.bytes, compression)) {
      hash.update(chunk);
      size += chunk.length;
      await inTurns(reader.take(chunk), signal);
      await spool?.(chunk);
      // Created by our decoder and referenced nowhere else; a chunk that is not decoded belongs to its source.
      if (compression !== "none") releaseBytes(chunk);
    }
    reader.end();
  } catch (thrown) {
    // Damaged bytes can look like anything: report the digest mismatch rather than the tar error that it caused.
    if (signal?.aborted === true) throw thrown;
    if (thrown instanceof DhiError && thrown.code !== "limit" && !blob.failed) await blob.finish();
    throw within(descriptor.digest, thrown);
  }
  await blob.finish();
  const diffId = digestFrom(hash);
  const index = { diffId, size, blobSize: descriptor.size, compression, entries: collector.entries };
  checkLayer(index, descriptor, options.diffId);
  return index;
}

/**
 * Checks a layer's blob as it was read against what a manifest and a config state, which may be others than when it was read.
 * Throws `DhiError` "mismatch".
 */
export function checkLayer(
  { blobSize, diffId }: Pick<LayerIndex, "blobSize" | "diffId">,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  stated: Digest | undefined,
): void {
  if (blobSize !== size)
    throw new DhiError("mismatch", `the layer ${digest} has ${String(blobSize)} bytes but the manifest states ${String(size)}`);
  if (stated !== undefined && diffId !== stated)
    throw new DhiError("mismatch", `the layer ${digest} unpacks to ${diffId} but the image states ${stated}`);
}

function within(digest: Digest, thrown: unknown): unknown {
  if (!(thrown instanceof DhiError)) return thrown;
  return new DhiError(thrown.code, `layer ${digest}: ${thrown.message}`, thrown);
}

/** A blob that is hashed while it is read. */
class CheckedBlob {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #descriptor: Pick<Descriptor, "digest" | "size">;
  readonly #hash = createHash("sha256");
  #size = 0;
  #done = false;
  /** Whether the source itself failed, or had more bytes than the descriptor states. */
  failed = false;

  constructor(source: AsyncIterable<Uint8Array>, descriptor: Pick<Descriptor, "digest" | "size">) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#descriptor = descriptor;
  }

  async *read(): AsyncGenerator<Buffer> {
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk;
  }

  /** Reads the rest and verifies the whole. */
  async finish(): Promise<void> {
    while ((await this.#next()) !== undefined);
    const { digest, size } = this.#descriptor;
    if (this.#size !== size) throw this.#wrong(`has ${String(this.#size)} bytes but ${String(size)} are stated`);
    const found = digestFrom(this.#hash);
    if (found !== digest) throw this.#wrong(`has the digest ${found}`);
  }

  async #next(): Promise<Buffer | undefined> {
    if (this.#done) return undefined;
    let next: IteratorResult<Uint8Array>;
    try {
      next = await this.#iterator.next();
    } catch (thrown) {
      this.#done = true;
      this.failed = true;
      throw thrown;
    }
    if (next.done === true) {
      this.#done = true;
      return undefined;
    }
    this.#size += next.value.length;
    if (this.#size > this.#descriptor.size) {
      this.#done = true;
      this.failed = true;
      await this.#iterator.return?.();
      throw this.#wrong(`has more than the ${String(this.#descriptor.size)} bytes that are stated`);
    }
    this.#hash.update(next.value);
    return asBuffer(next.value);
  }

  #wrong(what: string): DhiError {
    return new DhiError("mismatch", `the blob ${this.#descriptor.digest} ${what}`);
  }
}
