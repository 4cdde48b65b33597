import { randomUUID } from "node:crypto";
import { lstat, open, readdir, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { asError, DhiError, type ErrorCode } from "../errors.js";

const DAY = 24 * 60 * 60 * 1000;

/** The code of a file system error, such as `ENOENT`. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** The result of `work`; undefined when a file or folder of its path does not exist. */
export async function ifPresent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR") return undefined;
    throw thrown;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOTDIR: "part of the path is not a folder",
  EEXIST: "part of the path is not a folder",
  ELOOP: "its symbolic links form a loop",
  ENAMETOOLONG: "the path, or a name in it, is too long",
};

/** Converts a failed write to a `DhiError`. `place` names the folder's role, as in `the cache`. */
export function writeFailure(thrown: unknown, place: string, directory: string): DhiError {
  if (thrown instanceof DhiError) return thrown;
  const code = systemCode(thrown) ?? "";
  const hint =
    place === "the cache"
      ? "Free space or grant permission there, or set dhi:cacheDirectory to another folder"
      : "Free space or grant permission there";
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new DhiError(
    isFull ? "limit" : "unavailable",
    `could not write to ${place} ${directory}: ${reasons[code] ?? asError(thrown).message}`,
    {
      hint,
      cause: thrown,
    },
  );
}

/** Codes that a later run cannot get past by itself, so that they are not treated as an outage. */
const readCodes: Readonly<Record<string, ErrorCode>> = { EACCES: "conflict", EPERM: "conflict", ELOOP: "invalid", ENAMETOOLONG: "invalid" };

/**
 * Converts a failed read of a folder or file of pulumi-dhi to a `DhiError`; returns any other error as it is. `place` as in `the cache`.
 */
export function readFailure(thrown: unknown, place: string, path: string): unknown {
  const code = systemCode(thrown);
  if (thrown instanceof DhiError || code === undefined) return thrown;
  const hint =
    place === "the cache"
      ? "Grant this user read permission, or set dhi:cacheDirectory to another folder"
      : "Grant this user read permission, or name another folder";
  return new DhiError(readCodes[code] ?? "unavailable", `could not read ${place} ${path}: ${reasons[code] ?? asError(thrown).message}`, {
    hint,
    cause: thrown,
  });
}

/** Like `ifPresent`, with other errors converted by `readFailure`. */
export async function readIfPresent<T>(work: Promise<T>, place: string, path: string): Promise<T | undefined> {
  try {
    return await ifPresent(work);
  } catch (thrown) {
    throw readFailure(thrown, place, path);
  }
}

/** A file that appears at its final path complete or not at all: written to a folder of temporary files, then renamed. */
export class PendingFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #state: "open" | "done" = "open";

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** `temporary`: a folder from `OwnFolders` on the same file system. */
  static async create(temporary: string, mode: number): Promise<PendingFile> {
    const path = join(temporary, `${process.pid}-${randomUUID()}`);
    return new PendingFile(await open(path, "wx", mode), path);
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.byteLength;) {
      const { bytesWritten } = await this.#handle.write(chunk, offset);
      offset += bytesWritten;
    }
  }

  /** `path`: in an existing folder from `OwnFolders`. */
  async commit(path: string): Promise<void> {
    if (this.#state === "done") throw new Error("a file was committed twice");
    await this.#handle.close();
    this.#state = "done";
    try {
      await rename(this.#path, path);
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

/** The names that `PendingFile` gives its files, and those of locks of the cache. */
const temporaryName = /^(?:[0-9]{1,10}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9._+-]{1,250}\.lock)$/;

/**
 * Removes the leftovers of killed processes from a folder of temporary files: those with a name that we give, older than a day. A lock that is held
 * is younger, as it is renewed.
 * `place` as in `the cache`.
 */
export async function sweep(temporary: string, place: string): Promise<void> {
  const names = ((await readIfPresent(readdir(temporary), place, temporary)) ?? []).filter((name) => temporaryName.test(name));
  await Promise.all(
    names.map(async (name) => {
      const path = join(temporary, name);
      const found = await readIfPresent(lstat(path), place, path);
      if (found?.isFile() === true && Date.now() - found.mtimeMs > DAY) await removeFile(path, place, temporary);
    }),
  );
}

/** Removes a file if it exists. Throws the errors of `writeFailure`. */
export async function removeFile(path: string, place: string, directory: string): Promise<void> {
  await ifPresent(unlink(path)).catch((thrown: unknown) => {
    throw writeFailure(thrown, place, directory);
  });
}
