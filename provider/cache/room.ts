import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { DhiError } from "../errors.js";
import { systemCode } from "./files.js";

/** Bytes of free disk space that the cache leaves to others. */
export const RESERVE = 128 * 1024 ** 2;
/** Bytes that are written between two checks of the free space. */
export const STEP = 32 * 1024 ** 2;

/** Free bytes on the disk of a folder that may not exist yet; undefined where the file system does not report them. */
export type FreeBytes = (directory: string) => Promise<number | undefined>;

export const freeBytes: FreeBytes = async (directory) => {
  try {
    const { bavail, bsize, blocks } = await statfs(directory);
    return blocks === 0 ? undefined : bavail * bsize;
  } catch (thrown) {
    const parent = dirname(directory);
    return systemCode(thrown) === "ENOENT" && parent !== directory ? freeBytes(parent) : undefined;
  }
};

/** Throws `DhiError` "limit" where `bytes` more would use the reserve. `what` is what needs them, as in `the layer sha256:…`. */
export async function requireRoom(directory: string, bytes: number, what: string, free: FreeBytes): Promise<void> {
  const left = await free(directory);
  if (left === undefined || left >= bytes + RESERVE) return;
  throw new DhiError(
    "limit",
    `the disk of the cache ${directory} has ${megabytes(left)} free: ${what} needs at least ${megabytes(bytes)}, and the last ${megabytes(RESERVE)} are left to others`,
    { hint: "Free space there, or set dhi:cacheDirectory to a folder on a larger disk" },
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000).toLocaleString("en-US")} MB`;
}
