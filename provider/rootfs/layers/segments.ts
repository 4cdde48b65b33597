import { createHash, hash, type Hash } from "node:crypto";
import { DhiError } from "../../errors.js";
import { digestFrom, type Digest } from "../../image/digest.js";
import { asBuffer } from "../compression/decompress-bytes.js";
import type { Content, FileNode, LayerEntry, RawPath } from "../tree/node.js";
import { displayPath } from "../tree/raw-path.js";
import { releaseBuffer } from "../compression/release-bytes.js";
import { padded } from "../tar/limits.js";
import { dataSize, encodeHeader, TAR_END } from "../tar/writer.js";

/**
 * Segments have this many bytes. A file of at least this size starts its own segment, is split at every multiple counted from its
 * header, and ends with its own last segment; smaller entries are collected until a segment is full. So a large file that did not
 * change gives the same segments whatever comes before it.
 */
export const SEGMENT = 4 * 1024 * 1024;

/** All bytes of a content, with holes as zeros. */
export type ReadContent = (content: Content) => AsyncIterable<Uint8Array>;

/**
 * The archive of `entries`, in segments. Throws `DhiError` "mismatch", naming the path, when content does not match its digest and size.
 */
export async function* layerSegments(entries: readonly LayerEntry[], read: ReadContent): AsyncGenerator<Buffer> {
  const segment = new SegmentBuffer();
  const targets = new LinkTargets(entries);
  for (const entry of entries) {
    const big = dataSize(entry) >= SEGMENT;
    if (big) yield* segment.close();
    const header = encodeHeader(entry, targets.find(entry));
    if (big) yield* segment.fill(header);
    else segment.put(header);
    if (!("link" in entry) && entry.node.content !== undefined) {
      for await (const chunk of checkedContent(entry.path, entry.node.content, read)) {
        if (big) yield* segment.fill(chunk);
        else segment.put(chunk);
      }
      segment.pad();
    }
    if (big || segment.length >= SEGMENT) yield* segment.close();
  }
  segment.put(TAR_END);
  yield* segment.close();
}

async function* checkedContent(path: string, content: Content, read: ReadContent): AsyncGenerator<Buffer> {
  let size = 0;
  const wrong = (what: string): DhiError => {
    const hint = content.from === "disk" ? "It changed while it was read: run again" : undefined;
    return new DhiError("mismatch", `the content of ${displayPath(path)} ${what}`, { hint });
  };
  let digest: Digest | undefined;
  let sum: Hash | undefined;
  for await (const chunk of content.from === "bytes" ? [content.bytes] : read(content)) {
    size += chunk.length;
    if (size > content.size) throw wrong(`has more than ${String(content.size)} bytes`);
    // Most files come in one chunk; a hash object for each would pile up until garbage collection.
    if (chunk.length === content.size) digest = `sha256:${hash("sha256", chunk, "hex")}`;
    else (sum ??= createHash("sha256")).update(chunk);
    yield asBuffer(chunk);
  }
  if (size !== content.size) throw wrong(`has ${String(size)} bytes, not ${String(content.size)}`);
  digest ??= digestFrom(sum ?? createHash("sha256"));
  if (digest !== content.digest) throw wrong(`is ${digest}, not ${content.digest}`);
}

/** The nodes that hard links of the same layer refer to. */
class LinkTargets {
  readonly #wanted: ReadonlySet<RawPath>;
  readonly #nodes = new Map<RawPath, FileNode>();

  constructor(entries: readonly LayerEntry[]) {
    this.#wanted = new Set(entries.flatMap((entry) => ("link" in entry ? [entry.link] : [])));
  }

  /** The target of a link, if it came before the link. */
  find(entry: LayerEntry): FileNode | undefined {
    if (!("link" in entry)) {
      if (entry.node.type !== "directory" && this.#wanted.has(entry.path)) this.#nodes.set(entry.path, entry.node);
      return undefined;
    }
    const target = this.#nodes.get(entry.link);
    if (target !== undefined && this.#wanted.has(entry.path)) this.#nodes.set(entry.path, target);
    return target;
  }
}

/** Collects bytes into segments; they are copied, so that a reader may reuse its buffers. */
class SegmentBuffer {
  #bytes = Buffer.allocUnsafeSlow(SEGMENT);
  length = 0;

  put(bytes: Buffer): void {
    const length = this.length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.length);
      releaseBuffer(this.#bytes.buffer);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, this.length);
    this.length = length;
  }

  /** Pads with zeros to the end of the block. */
  pad(): void {
    this.put(TAR_END.subarray(0, padded(this.length) - this.length));
  }

  /** Adds bytes of a large file, yielding segments as they fill up. */
  *fill(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(SEGMENT - this.length, bytes.length - at);
      this.put(bytes.subarray(at, at + length));
      at += length;
      if (this.length === SEGMENT) yield this.#take();
    }
  }

  /** Everything collected, as one segment. */
  *close(): Generator<Buffer> {
    if (this.length > 0) yield this.#take();
  }

  #take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.length);
    this.#bytes = Buffer.allocUnsafeSlow(SEGMENT);
    this.length = 0;
    return bytes;
  }
}
