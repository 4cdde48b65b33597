import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { ifPresent } from "./files.js";

const HOUR = 60 * 60 * 1000;

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly used: number;
}

/**
 * Removes files used longest ago until at most `maximumBytes` remain. A file's modification time is its last use; none
 * used within the last hour goes, so what an operation relies on stays. Several processes may do this at once.
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
  const entries = (await ifPresent(readdir(directory, { recursive: true, withFileTypes: true }))) ?? [];
  const files: Kept[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await ifPresent(stat(path));
    if (found !== undefined) files.push({ path, size: found.size, used: found.mtimeMs });
  }
  return files;
}
