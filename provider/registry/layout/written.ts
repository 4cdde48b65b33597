import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readIfPresent, removeFile, systemCode, writeFailure } from "../../cache/files.js";
import type { OwnFolders } from "../../cache/own-folders.js";
import { DhiError } from "../../errors.js";
import { hexOf, isDigest, type Digest } from "../../image/digest.js";

const WRITTEN = "written";
const PLACE = "the layout";

/**
 * The blobs of a layout that pulumi-dhi wrote: an empty file in `.pulumi-dhi/written` for each, by the same name. It is created after its
 * blob and removed before it, so that a killed process leaves at worst a blob that is never removed. Safe for concurrent processes.
 */
export class WrittenBlobs {
  readonly #folders: OwnFolders;
  readonly #own: string;
  readonly #blobs: readonly string[];

  /** `own` is the folder of pulumi-dhi in the layout, `blobs` the folder of blobs. */
  constructor(folders: OwnFolders, own: string, blobs: readonly string[]) {
    this.#folders = folders;
    this.#own = own;
    this.#blobs = blobs;
  }

  async add(digest: Digest): Promise<void> {
    const path = join(await this.#folders.make(this.#own, WRITTEN), hexOf(digest));
    await writeFile(path, "", { flag: "wx" }).catch((thrown: unknown) => {
      if (systemCode(thrown) !== "EEXIST") throw writeFailure(thrown, PLACE, path);
    });
  }

  /** Empty when the folder of blobs is a link, as other layouts may use its target. */
  async list(): Promise<readonly Digest[]> {
    const folder = await this.#folders.find(this.#own, WRITTEN);
    if (folder === undefined || (await this.#blobFolder()) === undefined) return [];
    return ((await readIfPresent(readdir(folder), PLACE, folder)) ?? []).map((name) => `sha256:${name}`).filter(isDigest);
  }

  /** Removes a blob that was last used before `before`, in milliseconds since 1970. Returns false when the blob is kept. */
  async remove(digest: Digest, before: number): Promise<boolean> {
    const folder = await this.#blobFolder();
    const mark = await this.#folders.find(this.#own, WRITTEN);
    if (folder === undefined || mark === undefined) return false;
    const path = join(folder, hexOf(digest));
    const found = await readIfPresent(lstat(path), PLACE, path);
    if (found !== undefined && found.mtimeMs >= before) return false;
    await removeFile(join(mark, hexOf(digest)), PLACE, mark);
    if (found?.isFile() === true) await removeFile(path, PLACE, folder);
    return true;
  }

  async #blobFolder(): Promise<string | undefined> {
    try {
      return await this.#folders.find(...this.#blobs);
    } catch (thrown) {
      if (thrown instanceof DhiError && thrown.code === "conflict") return undefined;
      throw thrown;
    }
  }
}
