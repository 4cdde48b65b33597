import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DhiError } from "../errors.js";
import { readIfPresent, systemCode, writeFailure } from "./files.js";

/**
 * Folders that pulumi-dhi writes to and cleans, below a root that the user chose. The root may be reached through links; below it a link
 * would let anyone who can create one choose what is overwritten and removed, so none is followed. File system errors are thrown as the
 * `DhiError` of `readFailure` and `writeFailure`.
 */
export class OwnFolders {
  readonly #root: string;
  readonly #place: string;
  readonly #mode: number;

  /** `place` names the root's role in errors, as in `the cache`; `mode` is that of created folders. */
  constructor(root: string, place: string, mode: number) {
    this.#root = root;
    this.#place = place;
    this.#mode = mode;
  }

  /** The path of a folder, created where missing. Throws `DhiError` "conflict" where a link or a file is in its place. */
  async make(...names: readonly string[]): Promise<string> {
    let path = this.#root;
    if ((await readIfPresent(lstat(path), this.#place, path)) === undefined) await this.#create(path, true);
    for (const name of names) {
      path = join(path, name);
      if (await this.#isFolder(path)) continue;
      await this.#create(path, false);
      await this.#isFolder(path);
    }
    return path;
  }

  /** The path of a folder; undefined where it is missing. Throws `DhiError` "conflict" where a link or a file is in its place. */
  async find(...names: readonly string[]): Promise<string | undefined> {
    let path = this.#root;
    for (const name of names) {
      path = join(path, name);
      if (!(await this.#isFolder(path))) return undefined;
    }
    return path;
  }

  async #create(path: string, recursive: boolean): Promise<void> {
    await mkdir(path, { recursive, mode: this.#mode }).catch((thrown: unknown) => {
      // Created by another process at the same moment; its type is checked next.
      if (recursive || systemCode(thrown) !== "EEXIST") throw writeFailure(thrown, this.#place, path);
    });
  }

  async #isFolder(path: string): Promise<boolean> {
    const found = await readIfPresent(lstat(path), this.#place, path);
    if (found === undefined || found.isDirectory()) return found !== undefined;
    const what = found.isSymbolicLink() ? "a symbolic link" : "not a folder";
    throw new DhiError(
      "conflict",
      `${path} in ${this.#place} is ${what}: pulumi-dhi writes and removes files there, and does not follow links`,
      {
        hint: `Check who created it, then remove it`,
      },
    );
  }
}
