import { rm, stat } from "node:fs/promises";
import type { CacheWriter } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";
import { hexOf, type Digest } from "../../image/digest.js";
import { formatReference } from "../../image/reference.js";
import { formatSize } from "../../text/format-size.js";
import type { Session } from "../session.js";
import type { SourceManifest } from "./source-image.js";

/** Folder of the cache for uncompressed layers, by the digest of their blob. */
export const tars = "layer-tars";

/** Most uncompressed bytes of the layers of one image in the cache. Images for machine learning have 20 GB. */
export const MAX_UNPACKED = 32 * 1024 ** 3;

/** Keeps uncompressed layers of one image in the cache, up to a limit. */
export class UnpackBound {
  readonly #session: Session;
  readonly #what: string;
  readonly #limit: number;
  readonly #made: string[] = [];
  #used = 0;

  private constructor(session: Session, what: string, limit: number) {
    this.#session = session;
    this.#what = what;
    this.#limit = limit;
  }

  /**
   * Throws `DhiError` "limit" when the declared sizes show that the image is too large, or that the disk lacks the space for it:
   * uncompressed, layers are at least as large.
   */
  static async open(session: Session, { repository, descriptor, manifest }: SourceManifest, limit = MAX_UNPACKED): Promise<UnpackBound> {
    const bound = new UnpackBound(session, formatReference({ repository, digest: descriptor.digest }), limit);
    let missing = 0;
    for (const [digest, size] of new Map(manifest.layers.map((layer) => [layer.digest, layer.size]))) {
      const path = await session.cache.path(tars, hexOf(digest));
      if (path === undefined) missing += size;
      else bound.#use((await stat(path)).size);
    }
    if (bound.#used + missing > limit) throw bound.#beyond();
    if (missing > 0) await session.cache.requireRoom(missing, `unpacking ${bound.#what}`);
    return bound;
  }

  /** Opens a writer for the uncompressed bytes of a layer. Throws `DhiError` "limit". */
  async create(layer: Digest): Promise<Pick<CacheWriter, "write" | "discard"> & { readonly commit: () => Promise<void> }> {
    const writer = await this.#session.cache.create(tars);
    let size = 0;
    return {
      write: async (chunk) => {
        size += chunk.byteLength;
        this.#use(chunk.byteLength);
        await writer.write(chunk);
      },
      commit: async () => {
        await writer.commit(hexOf(layer));
        this.#made.push(hexOf(layer));
        size = 0;
      },
      discard: async () => {
        this.#used -= size;
        await writer.discard();
      },
    };
  }

  /** Removes the layers that were unpacked: the image cannot be used, and its space is needed for others. */
  async release(): Promise<void> {
    for (const key of this.#made.splice(0)) {
      const path = await this.#session.cache.path(tars, key);
      if (path !== undefined) await rm(path, { force: true });
    }
  }

  #use(bytes: number): void {
    this.#used += bytes;
    if (this.#used > this.#limit) throw this.#beyond();
  }

  #beyond(): DhiError {
    return new DhiError("limit", `the layers of ${this.#what} unpack to more than ${formatSize(this.#limit)}, the limit for one image`, {
      hint: "Take the files from a smaller image",
    });
  }
}

/** Runs `work` with a bound when layers are spooled to the cache, and removes them when a limit is exceeded. */
export async function withinBound<T>(
  session: Session,
  source: SourceManifest,
  spool: boolean,
  work: (bound: UnpackBound | undefined) => Promise<T>,
): Promise<T> {
  const bound = spool ? await UnpackBound.open(session, source) : undefined;
  try {
    return await work(bound);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "limit") await bound?.release();
    throw thrown;
  }
}
