import { DhiError } from "../../errors.js";
import { FileRuns } from "./file-runs.js";
import type { SparseRun } from "./sparse.js";
import { toExtents } from "./sparse.js";
import type { PaxSparse } from "./sparse-map.js";
import { oldGnuRuns, oldGnuSize, paxSparse, SparseMapReader } from "./sparse-map.js";
import { atOnce, type Steps } from "../steps.js";
import { entryNode, entryPath, linkPath, nodeType, ownerNames, rawLink, rawName, storedSize } from "./entry.js";
import { TarExtensions } from "./extensions.js";
import type { TarHandler } from "./handler.js";
import type { TarHeader } from "./header.js";
import { hasChecksum, isZeroBlock, parseHeader } from "./header.js";
import { beyondLimit, BLOCK, HOLE_STEP, MAX_ARCHIVE, MAX_HOLES, MAX_SPARSE_RUNS, padded } from "./limits.js";
import { displayPath } from "../tree/raw-path.js";
export type { RawNames, TarHandler } from "./handler.js";

/** Vendor metadata that describes the archive, not a file: volume labels, Solaris ACLs and attributes. */
const vendorTypes = new Set(["V", "A", "E"]);

/**
 * Reads an archive as its bytes arrive, in chunks of any size, without copying file data. Understands v7, ustar, GNU, star
 * and pax archives. Throws `DhiError` "invalid" for what is not a tar, "mismatch" when the archive is truncated, "limit".
 */
export class TarReader {
  readonly #handler: TarHandler;
  readonly #limit: number;
  readonly #extensions = new TarExtensions();
  readonly #partial = Buffer.allocUnsafe(BLOCK);
  #filled = 0;
  /** Bytes before the current chunk. */
  #base = 0;
  #holes = 0;
  #current = "";
  /** What the next block is. */
  #block: (buffer: Buffer, at: number, position: number) => void = this.#header;
  #zeroBlocks = 0;
  /** Bytes of data that come before the next block, then padding. */
  #data = 0;
  #skip = 0;
  #take: ((bytes: Buffer) => void) | undefined;
  #finish: (() => void) | undefined;
  /** The file whose content is being read. */
  #content: FileRuns | undefined;
  /** Size of a hard link's data, if it has any: only the block after its header shows that. */
  #linkSize = 0;

  /** `limit`: bytes of the archive. */
  constructor(handler: TarHandler, limit = MAX_ARCHIVE) {
    this.#handler = handler;
    this.#limit = limit;
  }

  /** Whether the end of the archive was read: anything after it is padding. */
  get ended(): boolean {
    return this.#zeroBlocks > 1;
  }

  /** Takes the next chunk at once: for archives whose every file comes whole. */
  write(chunk: Buffer): void {
    atOnce(this.take(chunk));
  }

  /** Takes the next chunk in steps: a hole takes no bytes in the archive, but takes time to read. */
  *take(chunk: Buffer): Steps<void> {
    if (this.#base + chunk.length > this.#limit) throw this.#named(beyondLimit("the archive has more bytes", this.#limit));
    try {
      for (let at = 0; at < chunk.length || (this.#content?.hole ?? 0) > 0;) {
        at = this.#step(chunk, at);
        yield;
      }
    } catch (thrown) {
      throw this.#named(thrown);
    }
    this.#base += chunk.length;
  }

  /** To be called after the last chunk. Throws `DhiError` "mismatch" when the archive is incomplete. */
  end(): void {
    const between = this.#block === this.#header && this.#filled === 0 && this.#data === 0 && this.#skip === 0 && !this.#content;
    if ((between && !this.#extensions.pending) || this.#zeroBlocks > 1) return;
    throw this.#named(new DhiError("mismatch", `the archive is truncated after ${String(this.#base)} bytes`));
  }

  #named(thrown: unknown): unknown {
    if (!(thrown instanceof DhiError)) return thrown;
    const where = this.#current === "" ? "tar archive" : `tar entry ${displayPath(this.#current)}`;
    return new DhiError(thrown.code, `${where}: ${thrown.message}`, thrown);
  }

  /** Handles what begins at `at`; returns where it ends. */
  #step(chunk: Buffer, at: number): number {
    if (this.#zeroBlocks > 1) return chunk.length;
    if (this.#content !== undefined) return this.#stepContent(this.#content, chunk, at);
    if (this.#data > 0) return this.#stepData(chunk, at);
    if (this.#skip > 0) {
      const length = Math.min(this.#skip, chunk.length - at);
      this.#skip -= length;
      return at + length;
    }
    if (this.#filled === 0 && chunk.length - at >= BLOCK) {
      this.#block(chunk, at, this.#base + at + BLOCK);
      return at + BLOCK;
    }
    const length = Math.min(BLOCK - this.#filled, chunk.length - at);
    chunk.copy(this.#partial, this.#filled, at, at + length);
    this.#filled += length;
    if (this.#filled === BLOCK) {
      this.#filled = 0;
      this.#block(this.#partial, 0, this.#base + at + length);
    }
    return at + length;
  }

  #stepData(chunk: Buffer, at: number): number {
    const length = Math.min(this.#data, chunk.length - at);
    this.#data -= length;
    this.#take?.(chunk.subarray(at, at + length));
    if (this.#data === 0) this.#finish?.();
    return at + length;
  }

  #stepContent(content: FileRuns, chunk: Buffer, at: number): number {
    let end = at;
    if (content.hole > 0) {
      const length = Math.min(content.hole, HOLE_STEP);
      content.hole -= length;
      this.#handler.hole?.(length);
    } else {
      end = Math.min(at + content.data, chunk.length);
      content.data -= end - at;
      this.#handler.data(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    }
    if (!content.advance()) this.#endContent();
    return end;
  }

  #endContent(): void {
    this.#content = undefined;
    this.#handler.end();
  }

  #expect(size: number, take?: (bytes: Buffer) => void, finish?: () => void): void {
    this.#data = size;
    this.#skip = padded(size) - size;
    this.#take = take;
    this.#finish = finish;
    if (size === 0) finish?.();
  }

  #header(buffer: Buffer, at: number, position: number): void {
    const link = this.#linkSize;
    this.#linkSize = 0;
    if (isZeroBlock(buffer, at)) {
      this.#zeroBlocks += 1;
      return;
    }
    if (!hasChecksum(buffer, at)) {
      if (link > 0) {
        this.#skip = padded(link) - BLOCK;
        return;
      }
      throw new DhiError("invalid", `the tar header at byte ${String(position - BLOCK)} is not valid: its checksum is wrong`);
    }
    if (this.#zeroBlocks > 0) throw new DhiError("invalid", `an entry follows the end of the archive at byte ${String(position - BLOCK)}`);
    const header = parseHeader(buffer, at);
    const body = this.#extensions.begin(header);
    if (body !== undefined) this.#expect(body.size, body.take, body.finish);
    else if (vendorTypes.has(header.type)) this.#expect(header.size);
    else this.#entry(header, buffer, at, position);
  }

  #entry(header: TarHeader, buffer: Buffer, at: number, position: number): void {
    const { overrides, records } = this.#extensions.take();
    this.#current = rawName(header, overrides);
    const path = entryPath(header, overrides);
    if (header.type === "1") {
      this.#linkSize = storedSize(header, overrides);
      this.#handler.entry({ path, link: linkPath(header, overrides) }, { name: this.#current, link: rawLink(header, overrides) });
      return;
    }
    const type = nodeType(header, overrides);
    if (type === undefined) throw new DhiError("invalid", `its type ${JSON.stringify(header.type)} is unknown`);
    if (path === "" && type !== "directory") throw new DhiError("invalid", "it has no name");
    const node = entryNode(type, header, overrides);
    const owner = ownerNames(header, overrides);
    const named = owner === undefined ? {} : { owner };
    const raw = { name: this.#current, link: undefined };
    // Directories, links and devices have no data, whatever their size says (as in Go's archive/tar); old archives' directories, which have
    // the type of a file, do.
    if (type !== "file") {
      this.#handler.entry({ path, node, size: 0, extents: [], ...named }, raw);
      if ("\x000D7S".includes(header.type)) this.#expect(storedSize(header, overrides));
      return;
    }
    const stored = storedSize(header, overrides);
    const begin = (runs: readonly SparseRun[], size: number, length: number, start: number): void => {
      const extents = toExtents(runs, size, length, start);
      this.#holes += size - length;
      if (this.#holes > MAX_HOLES) throw beyondLimit("too many bytes of holes in sparse files", MAX_HOLES);
      this.#handler.entry({ path, node, size, extents, ...named }, raw);
      this.#skip = padded(length) - length;
      this.#content = new FileRuns(extents, size);
      if (!this.#content.advance()) this.#endContent();
    };
    const sparse = paxSparse(records);
    if (sparse !== undefined) this.#paxSparse(sparse, stored, position, begin);
    else if (header.type === "S") this.#oldSparse(buffer, at, stored, position, begin);
    else begin([{ offset: 0, length: stored }], stored, stored, position);
  }

  #paxSparse({ size, runs }: PaxSparse, stored: number, position: number, begin: Begin): void {
    if (runs !== undefined) {
      begin(runs, size, stored, position);
      return;
    }
    const map = new SparseMapReader();
    let left = stored;
    this.#block = (buffer, at, end) => {
      left -= BLOCK;
      if (left < 0) throw new DhiError("invalid", "a sparse file's map is longer than its data");
      if (!map.take(buffer, at)) return;
      this.#block = this.#header;
      begin(map.runs(), size, left, end);
    };
  }

  #oldSparse(header: Buffer, start: number, stored: number, position: number, begin: Begin): void {
    const size = oldGnuSize(header, start);
    const first = oldGnuRuns(header, start, 386, 4);
    if (!first.more) {
      begin(first.runs, size, stored, position);
      return;
    }
    const runs = first.runs;
    this.#block = (buffer, at, end) => {
      const next = oldGnuRuns(buffer, at, 0, 21);
      for (const run of next.runs) runs.push(run);
      if (runs.length > MAX_SPARSE_RUNS) throw beyondLimit("too many runs of data in a sparse file", MAX_SPARSE_RUNS);
      if (next.more) return;
      this.#block = this.#header;
      begin(runs, size, stored, end);
    };
  }
}

type Begin = (runs: readonly SparseRun[], size: number, stored: number, position: number) => void;
