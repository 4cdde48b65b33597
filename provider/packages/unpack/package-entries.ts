import { DhiError } from "../../errors.js";
import { IndexWeight } from "../../rootfs/layers/index-weight.js";
import { EntryCollector } from "../../rootfs/layers/entries.js";
import type { LayerEntry, RawPath } from "../../rootfs/tree/node.js";
import { displayPath, parentOf } from "../../rootfs/tree/raw-path.js";
import type { TarEntry } from "../../rootfs/tar/entry.js";
import type { RawNames, TarHandler } from "../../rootfs/tar/reader.js";
import type { Digest } from "../../image/digest.js";
import { beyondLimit } from "../../rootfs/tar/limits.js";
import { MAX_FILES, MAX_WEIGHT } from "./package-limits.js";
import { checkEntryName } from "./entry-name.js";

/**
 * Collects the entries of a data archive and rejects what no package may contain: names and links that escape the root, device nodes,
 * entries that would be written through another one, too many files or bytes.
 */
export class PackageEntries implements TarHandler {
  readonly #collector: EntryCollector;
  readonly #limit: number;
  /** Entries other than directories. */
  readonly #files = new Set<RawPath>();
  /** Directories that have entries. */
  readonly #parents = new Set<RawPath>();
  #count = 0;
  #bytes = 0;

  /** `limit`: bytes of all files together. `keep`: files whose bytes installing reads, up to 4 MiB each. */
  constructor(payload: Digest, limit: number, keep?: (path: RawPath) => boolean) {
    this.#collector = new EntryCollector(payload, keep, new IndexWeight(MAX_WEIGHT));
    this.#limit = limit;
  }

  get entries(): readonly LayerEntry[] {
    return this.#collector.entries;
  }

  /** Replaces a collected entry. */
  replace(at: number, entry: LayerEntry): void {
    this.#collector.entries[at] = entry;
  }

  entry(entry: TarEntry, raw: RawNames): void {
    this.#count += 1;
    if (this.#count > MAX_FILES) throw beyondLimit("the package has more files", MAX_FILES);
    if ("node" in entry) this.#bytes += entry.size;
    if (this.#bytes > this.#limit) throw beyondLimit("the package unpacks to more bytes than a package of its size may", this.#limit);
    checkEntryName(raw.name);
    this.#checkPlace(entry);
    if ("link" in entry) this.#checkLink(entry.link, raw.link ?? "");
    else checkNode(entry.path, entry.node.type, entry.node.target);
    if ("link" in entry || entry.node.type !== "directory") this.#files.add(entry.path);
    this.#collector.entry(entry);
  }

  /** A package that reaches a path through its own link could write where the link points. */
  #checkPlace(entry: TarEntry): void {
    const { path } = entry;
    if (("link" in entry || entry.node.type !== "directory") && this.#parents.has(path))
      throw new DhiError("invalid", "it replaces a directory that the package has files in");
    for (let parent = parentOf(path); parent !== "" && !this.#parents.has(parent); parent = parentOf(parent)) {
      if (this.#files.has(parent))
        throw new DhiError("invalid", `it is below ${displayPath(parent)}, which is a link or a file of the package`);
      this.#parents.add(parent);
    }
  }

  #checkLink(target: RawPath, raw: string): void {
    if (raw.startsWith("/")) throw new DhiError("invalid", `it is a hard link to the absolute path ${displayPath(raw)}`);
    if (!this.#files.has(target))
      throw new DhiError("invalid", `it is a hard link to ${displayPath(target)}, which the package does not have`);
  }

  data(bytes: Buffer): void {
    this.#collector.data(bytes);
  }

  hole(length: number): void {
    this.#collector.hole(length);
  }

  end(): void {
    this.#collector.end();
  }
}

function checkNode(path: RawPath, type: string, target: string | undefined): void {
  if (type === "character" || type === "block") throw new DhiError("invalid", `it is a ${type} device`);
  if (target !== undefined && escapes(path, target))
    throw new DhiError("invalid", `it is a link to ${displayTarget(target)}, which is outside of the root`);
}

/** Whether a relative target escapes the root. Absolute ones start there. */
function escapes(path: RawPath, target: string): boolean {
  if (target.startsWith("/")) return climbs(target, 0);
  return climbs(target, path.split("/").length - 1);
}

function climbs(target: string, depth: number): boolean {
  let at = depth;
  for (const part of target.split("/")) {
    if (part === "..") at -= 1;
    else if (part !== "" && part !== ".") at += 1;
    if (at < 0) return true;
  }
  return false;
}

function displayTarget(target: string): string {
  return target.startsWith("/") ? displayPath(target) : displayPath(target).slice(1);
}
