import { createHash, hash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { Digest } from "../../image/digest.js";
import { digestFrom } from "../../image/digest.js";
import { IndexWeight } from "./index-weight.js";
import type { Content, LayerEntry, RawPath } from "../tree/node.js";
import { zeroBytes } from "../tar/sparse.js";
import type { TarEntry } from "../tar/entry.js";
import { beyondLimit, MAX_KEPT_BYTES } from "../tar/limits.js";
import type { TarHandler } from "../tar/reader.js";

/** Maximum size of a file whose bytes an index may keep. */
export const MAX_KEPT = 4 * 1024 * 1024;

type FileEntry = Extract<TarEntry, { node: unknown }>;

/** Builds layer entries from the events of a tar reader: hashes every file, keeps the bytes of the wanted ones. */
export class EntryCollector implements TarHandler {
  readonly entries: LayerEntry[] = [];
  readonly #blob: Digest;
  readonly #keep: (path: RawPath) => boolean;
  #file: FileEntry | undefined;
  #hash: Hash | undefined;
  #kept: Buffer | undefined;
  /** The whole data, where it came in one chunk: most files are small. */
  #single: Buffer | undefined;
  /** How far the content has been hashed. */
  #hashed = 0;
  #keptBytes = 0;
  readonly #weight: IndexWeight;

  constructor(blob: Digest, keep: (path: RawPath) => boolean = () => false, weight = new IndexWeight()) {
    this.#blob = blob;
    this.#keep = keep;
    this.#weight = weight;
  }

  /** Throws `DhiError` "limit" for more entries, or more kept bytes, than the memory bound allows. */
  entry(entry: TarEntry): void {
    this.#weight.add(entry);
    if ("link" in entry) {
      this.entries.push(entry);
    } else if (entry.node.type === "file") {
      this.#file = entry;
      this.#hash = undefined;
      this.#single = undefined;
      this.#kept = entry.size <= MAX_KEPT && this.#keep(entry.path) ? this.#room(entry.size) : undefined;
      this.#hashed = 0;
    } else {
      this.entries.push({ path: entry.path, node: entry.node });
    }
  }

  #room(size: number): Buffer {
    this.#keptBytes += size;
    if (this.#keptBytes > MAX_KEPT_BYTES)
      throw beyondLimit("the files that adding packages, accounts and certificates needs have too many bytes", MAX_KEPT_BYTES);
    this.#weight.addKept(size);
    return Buffer.alloc(size);
  }

  data(bytes: Buffer): void {
    this.#kept?.set(bytes, this.#hashed);
    if (bytes.length === this.#file?.size) this.#single = bytes;
    else (this.#hash ??= createHash("sha256")).update(bytes);
    this.#hashed += bytes.length;
  }

  hole(length: number): void {
    const sum = (this.#hash ??= createHash("sha256"));
    for (const zeros of zeroBytes(length)) sum.update(zeros);
    this.#hashed += length;
  }

  end(): void {
    if (this.#file === undefined) return;
    const { path, node, size, extents } = this.#file;
    const digest = this.#digest();
    const content: Content =
      this.#kept === undefined
        ? { from: "layer", digest, size, blob: this.#blob, extents }
        : { from: "bytes", digest, size, bytes: this.#kept };
    this.entries.push({ path, node: { ...node, content } });
    this.#file = this.#kept = this.#single = undefined;
  }

  #digest(): Digest {
    return this.#single === undefined ? digestFrom(this.#hash ?? createHash("sha256")) : `sha256:${hash("sha256", this.#single, "hex")}`;
  }
}
