import { createReadStream } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { Content } from "../../rootfs/tree/node.js";
import { readExtents } from "../../rootfs/tar/sparse.js";

const chunkSize = 1 << 20;

/** By digest: opens the path of an uncompressed tar in the cache, which is unpacked again when it is missing. */
export type TarOrigins = ReadonlyMap<Digest, () => Promise<string>>;

/** Reads the content of nodes while a layer is written; keeps each tar open until `close`. */
export class ContentReader {
  readonly #origins: TarOrigins;
  /** Free buffers. */
  readonly #scratch: Buffer[] = [];
  readonly #handles = new Map<Digest, Promise<FileHandle>>();
  readonly #paths = new Set<string>();

  constructor(origins: TarOrigins) {
    this.#origins = origins;
  }

  /** Each chunk is valid until the next one is requested. */
  async *read(content: Content): AsyncGenerator<Uint8Array> {
    if (content.from === "bytes") yield content.bytes;
    else if (content.from === "disk")
      yield* createReadStream(Buffer.from(content.file, "latin1"), { highWaterMark: chunkSize }) as AsyncIterable<Buffer>;
    else {
      const tar = await this.#open(content.blob);
      const scratch = this.#scratch.pop() ?? Buffer.allocUnsafeSlow(chunkSize);
      try {
        yield* readExtents(content.size, content.extents, (position, length) => readRange(tar, position, length, scratch));
      } finally {
        this.#scratch.push(scratch);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#handles.values()].map((opening) => opening.then((handle) => handle.close(), ignoreFailedOpening)));
  }

  /** Removes the tars that were read, as one of them is damaged; they are unpacked again on the next read. Returns false when none was read. */
  async evict(): Promise<boolean> {
    const paths = [...this.#paths];
    await this.close();
    this.#handles.clear();
    this.#paths.clear();
    await Promise.all(paths.map((path) => rm(path, { force: true })));
    return paths.length > 0;
  }

  #open(blob: Digest): Promise<FileHandle> {
    const known = this.#handles.get(blob);
    if (known !== undefined) return known;
    const handle = this.#openTar(blob);
    this.#handles.set(blob, handle);
    return handle;
  }

  async #openTar(blob: Digest): Promise<FileHandle> {
    const origin = this.#origins.get(blob);
    if (origin === undefined) throw new DhiError("not-found", `the layer ${blob} does not belong to any of the images that are used`);
    const path = await origin();
    this.#paths.add(path);
    return open(path);
  }
}

/** Reads `length` bytes of a tar from `position`, through the buffer `scratch`. */
async function* readRange(tar: FileHandle, position: number, length: number, scratch: Buffer): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    const { bytesRead, buffer } = await tar.read(scratch, 0, Math.min(scratch.length, length - done), position + done);
    if (bytesRead === 0) throw new DhiError("mismatch", "a layer in the cache is shorter than its index says", { hint: "Try again" });
    yield buffer.subarray(0, bytesRead);
    done += bytesRead;
  }
}

/** The reader has already reported it. */
function ignoreFailedOpening(): void {
  return undefined;
}
