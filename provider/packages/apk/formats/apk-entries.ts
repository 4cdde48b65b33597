import { createHash, type Hash } from "node:crypto";
import { DhiError } from "../../../errors.js";
import type { Digest } from "../../../image/digest.js";
import type { LayerEntry } from "../../../rootfs/tree/node.js";
import type { OwnerNames, TarEntry } from "../../../rootfs/tar/entry.js";
import type { RawNames, TarHandler } from "../../../rootfs/tar/reader.js";
import { IndexWeight } from "../../../rootfs/layers/index-weight.js";
import { PackageEntries } from "../../unpack/package-entries.js";
import { MAX_WEIGHT } from "../../unpack/package-limits.js";
import { withRecords } from "./installed-records.js";
import { keepOfPackage } from "./keep.js";

/** Collects the entries of a data segment with what apk's database records of each: SHA-1 and the owner's names. */
export class ApkEntries implements TarHandler {
  readonly #collected: PackageEntries;
  /** With the records. */
  readonly #weight = new IndexWeight(MAX_WEIGHT);
  #taken = 0;
  #sum: Hash | undefined;
  #owner: OwnerNames | undefined;
  #skipped = false;

  /** `limit`: bytes of all files together. */
  constructor(payload: Digest, limit: number) {
    this.#collected = new PackageEntries(payload, limit, keepOfPackage);
  }

  get entries(): readonly LayerEntry[] {
    return this.#collected.entries;
  }

  entry(entry: TarEntry, raw: RawNames): void {
    // As in apk, names at the root that start with a period are metadata of the package.
    this.#skipped = entry.path.startsWith(".");
    if (this.#skipped) return;
    this.#sum = undefined;
    this.#owner = "node" in entry ? entry.owner : undefined;
    if ("node" in entry && entry.node.type === "file") {
      if (entry.extents.reduce((sum, { length }) => sum + length, 0) !== entry.size) throw new DhiError("invalid", "it is a sparse file");
      this.#sum = createHash("sha1");
    }
    this.#collected.entry(entry, raw);
    this.#take();
  }

  data(bytes: Buffer): void {
    if (this.#skipped) return;
    this.#sum?.update(bytes);
    this.#collected.data(bytes);
  }

  end(): void {
    if (this.#skipped) return;
    this.#collected.end();
    this.#take();
  }

  /** Takes the collector's new entry, if there is one. */
  #take(): void {
    const at = this.#taken;
    const entry = this.#collected.entries[at];
    if (entry === undefined) return;
    this.#taken += 1;
    if (!("node" in entry)) return;
    const node = withRecords(entry.node, { sha1: this.#sum?.digest("hex"), owner: this.#owner });
    this.#weight.add({ path: entry.path, node });
    this.#collected.replace(at, { path: entry.path, node });
  }
}
