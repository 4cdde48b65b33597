import { lstat, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Dirent } from "node:fs";
import { ifPresent } from "./files.js";
import { isKind } from "./kinds.js";

const HOUR = 60 * 60 * 1000;

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly used: number;
}

/**
 * Removes the least recently used files until at most `maximumBytes` remain. A file's modification time is its last use; files
 * used within the last hour are kept, since running operations need them. Several processes may do this at once. Only files with
 * the place and name of a cache file are considered, and links are not followed.
 */
export async function evictFiles(directory: string, maximumBytes: number, now: number): Promise<void> {
  const files = await listFiles(directory);
  let total = files.reduce((sum, file) => sum + file.size, 0);
  for (const file of files.toSorted((one, other) => one.used - other.used)) {
    if (total <= maximumBytes || now - file.used < HOUR) return;
    await ifPresent(unlink(file.path));
    total -= file.size;
  }
}

async function listFiles(directory: string): Promise<readonly Kept[]> {
  const files: Kept[] = [];
  for (const kind of (await list(directory)).filter((entry) => entry.isDirectory() && isKind(entry.name))) {
    for (const shard of (await list(join(directory, kind.name))).filter((entry) => entry.isDirectory() && entry.name.length === 2)) {
      const folder = join(directory, kind.name, shard.name);
      for (const entry of (await list(folder)).filter(({ name }) => name.startsWith(shard.name))) {
        const path = join(folder, entry.name);
        const found = await ifPresent(lstat(path));
        if (found?.isFile() === true) files.push({ path, size: found.size, used: found.mtimeMs });
      }
    }
  }
  return files;
}

async function list(folder: string): Promise<readonly Dirent[]> {
  return (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [];
}
