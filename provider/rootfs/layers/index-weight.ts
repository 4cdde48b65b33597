import type { Extent, FileNode } from "../tree/node.js";
import { beyondLimit, MAX_INDEX } from "../tar/limits.js";

/**
 * What an entry takes besides its strings, a directory that no entry names, a record, a run of data after the first one: bytes, measured
 * and rounded up. A map of runs is there twice while it is read. Kept bytes count half as much again, as they are packed for the cache.
 */
const ENTRY = 640;
const RECORD = 100;
const RUN = 320;

type Weighed = { readonly path: string } & ({ readonly link: string } | { readonly node: FileNode; readonly extents?: readonly Extent[] });

/** Counts the memory that entries take: a few bytes of a layer may tell of a great many, of long names or of countless records. */
export class IndexWeight {
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = MAX_INDEX) {
    this.#limit = limit;
  }

  /** Throws `limit`. */
  add(entry: Weighed): void {
    this.#add(ENTRY + entry.path.length + ("link" in entry ? entry.link.length : weightOf(entry.node, entry.extents)));
    if ("node" in entry && entry.node.content?.from === "bytes") this.addKept(entry.node.content.size);
  }

  /** Directories that no entry names but whose children are there. */
  addDirectories(count: number): void {
    this.#add(ENTRY * count);
  }

  /** The bytes of a file that is kept whole. */
  addKept(size: number): void {
    this.#add(1.5 * size);
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limit)
      throw beyondLimit(
        "too many files, long names, attributes or configuration: what is known of them takes more bytes of memory",
        this.#limit,
      );
  }
}

function weightOf(node: FileNode, extents = node.content?.from === "layer" ? node.content.extents : []): number {
  let bytes = (node.target?.length ?? 0) + RUN * Math.max(0, extents.length - 1);
  for (const key in node.pax) bytes += RECORD + key.length + (node.pax[key] ?? "").length;
  return bytes;
}
