import { DhiError } from "../../errors.js";
import { EntryCollector } from "../../rootfs/layer-entries.js";
import type { LayerEntry, RawPath } from "../../rootfs/node.js";
import { displayPath } from "../../rootfs/raw-path.js";
import type { TarEntry } from "../../rootfs/tar-entry.js";
import type { TarHandler } from "../../rootfs/tar-reader.js";
import type { Digest } from "../../image/digest.js";
import { beyondLimit } from "../../rootfs/tar-limits.js";
import { MAX_DATA, MAX_FILES } from "./deb-limits.js";

/** Collects the entries of a data archive and refuses what no package may bring: device nodes, links that leave it, too many files. */
export class PackageEntries implements TarHandler {
  readonly #collector: EntryCollector;
  readonly #files = new Set<RawPath>();
  #count = 0;
  #bytes = 0;

  constructor(payload: Digest) {
    this.#collector = new EntryCollector(payload);
  }

  get entries(): readonly LayerEntry[] {
    return this.#collector.entries;
  }

  entry(entry: TarEntry): void {
    this.#count += 1;
    if (this.#count > MAX_FILES) throw beyondLimit("the package has more files", MAX_FILES);
    if ("node" in entry) this.#bytes += entry.size;
    if (this.#bytes > MAX_DATA) throw beyondLimit("the package has more bytes", MAX_DATA);
    if ("link" in entry) {
      if (!this.#files.has(entry.link))
        throw new DhiError("invalid", `it is a hard link to ${displayPath(entry.link)}, which the package has not`);
      this.#files.add(entry.path);
    } else checkNode(entry.path, entry.node.type, entry.node.target);
    if ("node" in entry && entry.node.type !== "directory") this.#files.add(entry.path);
    this.#collector.entry(entry);
  }

  data(bytes: Buffer): void {
    this.#collector.data(bytes);
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

/** Whether a relative target climbs above the root. Absolute ones start there. */
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
