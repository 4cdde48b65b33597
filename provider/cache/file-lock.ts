import { randomUUID } from "node:crypto";
import { constants, readFileSync, readlinkSync, type Stats } from "node:fs";
import { link, lstat, lutimes, mkdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { cancellation, DhiError } from "../errors.js";
import { readJson } from "../image/json.js";
import { ifPresent, readIfPresent, systemCode, writeFailure } from "./files.js";
import { wait } from "../async/wait.js";

/** Milliseconds between two renewals of a held lock, and age at which a lock that was not renewed is stale, whoever holds it. */
const RENEWAL = 5_000;
const STALE_AGE = 60_000;
/** Longest wait when the operation itself has no timeout. */
const LONGEST_WAIT = 10 * 60_000;
const BREAKER_STALE_AGE = 10_000;

const holderSchema = z.object({ pid: z.number(), host: z.string(), token: z.string() });

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is locked, for errors. */
  readonly what: string;
}

/**
 * Runs `work` while holding `path`, a file that is created exclusively and identifies its holder. A lock whose process no longer
 * runs on this machine, or that was not renewed for a minute, is broken. Throws `DhiError` "cancelled" or "unavailable", and the
 * errors of `readFailure` and `writeFailure` for system errors.
 */
export async function withFileLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const release = await acquireFileLock(path, options);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Takes the lock, and returns what releases it. Throws as `withFileLock`. */
export async function acquireFileLock(path: string, options: LockOptions): Promise<() => Promise<void>> {
  const token = randomUUID();
  await acquire(path, token, options);
  const renewal = setInterval(() => {
    const now = new Date();
    void lutimes(path, now, now).catch(() => undefined);
  }, RENEWAL);
  renewal.unref();
  return async () => {
    clearInterval(renewal);
    if ((await readToken(path)) === token) await ifPresent(unlink(path));
  };
}

async function acquire(path: string, token: string, options: LockOptions): Promise<void> {
  const content = JSON.stringify({ pid: process.pid, host: processSpace(), token });
  const until = Date.now() + LONGEST_WAIT;
  for (;;) {
    if (await createExclusively(path, content)) return;
    if (await isStale(path)) await breakLock(path);
    if (Date.now() > until) {
      throw new DhiError("unavailable", `${options.what} was locked for ${LONGEST_WAIT / 60_000} minutes`, {
        hint: `If no process uses it, remove ${path}`,
      });
    }
    await wait(10 + Math.random() * 40, options.signal).catch(() => undefined);
    if (options.signal?.aborted === true) throw cancellation(options.signal, `was cancelled while waiting for the lock of ${options.what}`);
  }
}

/** The lock is created together with its content, so that a killed process never leaves a lock without its holder. */
async function createExclusively(path: string, content: string): Promise<boolean> {
  if ((await readIfPresent(lstat(path), "the lock", path)) !== undefined) return false;
  // A name that `sweep` removes.
  const temporary = join(dirname(path), `${process.pid}-${randomUUID()}`);
  try {
    await writeFile(temporary, content, { flag: "wx", mode: 0o644 });
    // Neither follows a link at the path of the lock nor overwrites anything (link(2), EEXIST).
    await link(temporary, path).catch(async (thrown: unknown) => {
      if (systemCode(thrown) === "EEXIST") throw thrown;
      // On file systems without hard links, the lock is created empty and then filled.
      await writeFile(path, content, { flag: "wx", mode: 0o644 });
    });
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === "EEXIST") return false;
    if (systemCode(thrown) !== "ENOENT") throw writeFailure(thrown, "the lock", path);
    await mkdir(dirname(path), { recursive: true });
    return false;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await inspect(path);
  if (found === undefined) return false;
  if (Date.now() - found.mtimeMs > STALE_AGE) return true;
  const holder = await readHolder(path);
  return holder !== undefined && holder.host === processSpace() && !isRunning(holder.pid);
}

/** Only one process at a time may check and break a lock, so that a lock acquired in between is not broken. */
async function breakLock(path: string): Promise<void> {
  const breaking = `${path}.breaking`;
  if (!(await createExclusively(breaking, ""))) {
    const found = await inspect(breaking);
    if (found !== undefined && Date.now() - found.mtimeMs > BREAKER_STALE_AGE) await ifPresent(unlink(breaking));
    return;
  }
  try {
    if (await isStale(path)) await ifPresent(unlink(path));
  } finally {
    await ifPresent(unlink(breaking));
  }
}

/** Throws `DhiError` "conflict" for anything but a file, which pulumi-dhi never creates: it would never be released, and may not be removed. */
async function inspect(path: string): Promise<Stats | undefined> {
  const found = await ifPresent(lstat(path));
  if (found === undefined || found.isFile()) return found;
  const what = found.isSymbolicLink() ? "a symbolic link" : "not a file";
  throw new DhiError("conflict", `the lock ${path} is ${what}, and pulumi-dhi did not make it`, { hint: "Remove it" });
}

async function readHolder(path: string): Promise<z.infer<typeof holderSchema> | undefined> {
  try {
    const text = await readFile(path, { encoding: "utf8", flag: constants.O_RDONLY | constants.O_NOFOLLOW });
    return readJson(text, holderSchema);
  } catch {
    // Absent, a link, or not yet filled on a file system without hard links.
    return undefined;
  }
}

async function readToken(path: string): Promise<string | undefined> {
  return (await readHolder(path))?.token;
}

/** The scope in which process ids are unique: containers may share a host name and a folder, but not their processes. */
function processSpace(): string {
  try {
    return `${hostname()} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return process.platform === "linux" ? `${hostname()} ${randomUUID()}` : hostname();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCode(thrown) === "EPERM";
  }
}
