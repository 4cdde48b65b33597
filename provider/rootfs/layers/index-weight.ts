import type { Extent, FileNode } from "../tree/node.js";
import { beyondLimit, MAX_INDEX } from "../tar/limits.js";

/**
 * Bytes of memory, measured and rounded up, of an entry besides its strings, of a directory without an entry, of a record, and of a run
 * of data after the first one. A map of runs exists twice while it is read. Kept bytes count one and a half times, as they are packed for
 * the cache.
 */
const ENTRY = 640;
const RECORD = 100;
const RUN = 320;

type Weighed = { readonly path: string } & ({ readonly link: string } | { readonly node: FileNode; readonly extents?: readonly Extent[] });

/** Counts the memory that entries take: a few bytes of a layer can expand to very many entries, long names or records. */
export class IndexWeight {
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = MAX_INDEX) {
    this.#limit = limit;
  }

  /** Throws `DhiError` "limit". */
  add(entry: Weighed): void {
    this.#add(ENTRY + entry.path.length + ("link" in entry ? entry.link.length : weightOf(entry.node, entry.extents)));
    if ("node" in entry && entry.node.content?.from === "bytes") this.addKept(entry.node.content.size);
  }

  /** Directories that have children but no entry. */
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
      throw beyondLimit("too many files, long names, attributes or configuration: they take too many bytes of memory", this.#limit);
  }
}

function weightOf(node: FileNode, extents = node.content?.from === "layer" ? node.content.extents : []): number {
  let bytes = (node.target?.length ?? 0) + RUN * Math.max(0, extents.length - 1);
  for (const key in node.pax) bytes += RECORD + key.length + (node.pax[key] ?? "").length;
  return bytes;
}
