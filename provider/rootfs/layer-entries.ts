import { createHash, hash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { Digest } from "../image/digest.js";
import { digestFrom } from "../image/digest.js";
import type { Content, Extent, LayerEntry, RawPath } from "./node.js";
import { zeroBytes } from "./sparse.js";
import type { TarEntry } from "./tar-entry.js";
import type { TarHandler } from "./tar-reader.js";

/** Files whose bytes an index may hold are no bigger. */
export const MAX_KEPT = 4 * 1024 * 1024;

type FileEntry = Extract<TarEntry, { node: unknown }>;

/** Makes layer entries of what a tar reader tells: hashes every file, keeps the bytes of those that are wanted. */
export class EntryCollector implements TarHandler {
  readonly entries: LayerEntry[] = [];
  readonly #blob: Digest;
  readonly #keep: (path: RawPath) => boolean;
  #file: FileEntry | undefined;
  #hash: Hash | undefined;
  #kept: Buffer | undefined;
  /** The whole data, where it came in one piece: most files are small. */
  #single: Buffer | undefined;
  /** The extent at hand, and how much of it was seen. */
  #extent = 0;
  #seen = 0;
  /** How far the content is hashed. */
  #hashed = 0;

  constructor(blob: Digest, keep: (path: RawPath) => boolean = () => false) {
    this.#blob = blob;
    this.#keep = keep;
  }

  entry(entry: TarEntry): void {
    if ("link" in entry) {
      this.entries.push(entry);
    } else if (entry.node.type === "file") {
      this.#file = entry;
      this.#hash = undefined;
      this.#single = undefined;
      this.#kept = entry.size <= MAX_KEPT && this.#keep(entry.path) ? Buffer.alloc(entry.size) : undefined;
      this.#extent = this.#seen = this.#hashed = 0;
    } else {
      this.entries.push({ path: entry.path, node: entry.node });
    }
  }

  data(bytes: Buffer): void {
    const { extents = [], size = 0 } = this.#file ?? {};
    if (extents.length === 1 && bytes.length === size) {
      this.#single = bytes;
      this.#kept?.set(bytes);
      return;
    }
    for (let at = 0; at < bytes.length;) at += this.#extentData(extents, bytes, at);
  }

  /** Hashes what of `bytes` belongs to the extent at hand, and the hole before it. */
  #extentData(extents: readonly Extent[], bytes: Buffer, at: number): number {
    const extent = extents[this.#extent] ?? { offset: this.#hashed, length: bytes.length - at };
    const length = Math.min(extent.length - this.#seen, bytes.length - at);
    const piece = at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length);
    const sum = (this.#hash ??= createHash("sha256"));
    if (this.#seen === 0) this.#hashHole(sum, extent.offset);
    sum.update(piece);
    this.#kept?.set(piece, extent.offset + this.#seen);
    this.#seen += length;
    this.#hashed += length;
    if (this.#seen === extent.length) {
      this.#extent += 1;
      this.#seen = 0;
    }
    return length;
  }

  #hashHole(sum: Hash, end: number): void {
    for (const zeros of zeroBytes(end - this.#hashed)) sum.update(zeros);
    this.#hashed = end;
  }

  end(): void {
    if (this.#file === undefined) return;
    const { path, node, size, extents } = this.#file;
    const digest = this.#digest(size);
    const content: Content =
      this.#kept === undefined
        ? { from: "layer", digest, size, blob: this.#blob, extents }
        : { from: "bytes", digest, size, bytes: this.#kept };
    this.entries.push({ path, node: { ...node, content } });
    this.#file = this.#kept = this.#single = undefined;
  }

  #digest(size: number): Digest {
    if (this.#single !== undefined) return `sha256:${hash("sha256", this.#single, "hex")}`;
    const sum = this.#hash ?? createHash("sha256");
    this.#hashHole(sum, size);
    return digestFrom(sum);
  }
}
