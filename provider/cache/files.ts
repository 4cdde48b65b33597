import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asError, DhiError } from "../errors.js";

const DAY = 24 * 60 * 60 * 1000;

/** The code of a file system error, such as `ENOENT`. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** What `work` gives; undefined when a file or folder on its way is not there. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
}

/** A failed write as users should read it. `place` names the folder's role, as in `the cache`. */
export function writeFailure(thrown: unknown, place: string, directory: string): DhiError {
  if (thrown instanceof DhiError) return thrown;
  const code = systemCode(thrown) ?? "";
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EROFS: "the file system is read-only",
    EACCES: "permission denied",
    EPERM: "permission denied",
    ENOTDIR: "part of the path is no folder",
    EEXIST: "part of the path is no folder",
  };
  const hint =
    place === "the cache" ? "Make room or rights there, or set dhi:cacheDirectory to another folder" : "Make room or rights there";
  return new DhiError("unavailable", `could not write to ${place} ${directory}: ${reasons[code] ?? asError(thrown).message}`, {
    hint,
    cause: thrown,
  });
}

/** A file that appears under its final path whole or not at all: written beside it in `temporary`, then renamed. */
export class PendingFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #state: "open" | "done" = "open";

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** `temporary`: a folder of the same file system, made where missing. */
  static async create(temporary: string, mode: number, folderMode: number): Promise<PendingFile> {
    const path = join(temporary, `${process.pid}-${randomUUID()}`);
    try {
      return new PendingFile(await open(path, "wx", mode), path);
    } catch (thrown) {
      if (systemCode(thrown) !== "ENOENT") throw thrown;
      await mkdir(temporary, { recursive: true, mode: folderMode });
      return new PendingFile(await open(path, "wx", mode), path);
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.byteLength;) {
      const { bytesWritten } = await this.#handle.write(chunk, offset);
      offset += bytesWritten;
    }
  }

  async commit(path: string, folderMode: number): Promise<void> {
    if (this.#state === "done") throw new Error("a file was committed twice");
    await this.#handle.close();
    this.#state = "done";
    try {
      await renameInto(this.#path, path, folderMode);
    } catch (thrown) {
      await rm(this.#path, { force: true });
      throw thrown;
    }
  }

  async discard(): Promise<void> {
    if (this.#state === "done") return;
    this.#state = "done";
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path, { force: true }).catch(() => undefined);
  }
}

async function renameInto(from: string, to: string, folderMode: number): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    if (systemCode(thrown) !== "ENOENT") throw thrown;
    await mkdir(dirname(to), { recursive: true, mode: folderMode });
    await rename(from, to);
  }
}

/** Removes what killed processes left in a folder of temporary files: whatever is older than a day. */
export async function sweep(temporary: string): Promise<void> {
  const names = (await ifPresent(readdir(temporary))) ?? [];
  await Promise.all(
    names.map(async (name) => {
      const path = join(temporary, name);
      const found = await ifPresent(stat(path));
      if (found?.isFile() === true && Date.now() - found.mtimeMs > DAY) await ifPresent(unlink(path));
    }),
  );
}
