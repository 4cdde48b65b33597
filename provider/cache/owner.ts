import { lstat, stat } from "node:fs/promises";
import { DhiError } from "../errors.js";
import { readIfPresent } from "./files.js";

/** Mode bits that allow the group or others to write. */
const OTHERS_WRITE = 0o022;

interface Owned {
  readonly uid: number;
  readonly mode: number;
}

/** Whether another user can decide what is in a folder: its owner, or anyone else who can write to it. `uid` as in `isPrivateFolder`. */
export function isOpenToOthers({ uid: owner, mode }: Owned, uid: number | undefined): boolean {
  return uid !== undefined && (owner !== uid || (mode & OTHERS_WRITE) !== 0);
}

/**
 * Whether the folder exists; it must be private to this user, since anyone else who can write to it decides what is published. Throws
 * `DhiError` "conflict" for another user's folder or link, for one that others can write to, and for what is not a folder. `uid` is this
 * process's; undefined where the system has none.
 */
export async function isPrivateFolder(directory: string, uid: number | undefined): Promise<boolean> {
  const entry = await readIfPresent(lstat(directory), "the cache", directory);
  const isLink = entry?.isSymbolicLink() === true;
  // A link in a folder that others can write to may lead to this user's documents. Links of root need no check: root can change everything.
  if (isLink && entry.uid !== 0) requireOwner(`the link ${directory} to the cache`, entry.uid, uid);
  const found = isLink ? await readIfPresent(stat(directory), "the cache", directory) : entry;
  if (found?.isDirectory() === false) {
    throw new DhiError("conflict", `the cache ${directory} is not a folder`, { hint: "Set dhi:cacheDirectory to a folder" });
  }
  if (found === undefined || uid === undefined) return found !== undefined;
  requireOwner(`the cache ${directory}`, found.uid, uid);
  if (isOpenToOthers(found, uid)) {
    const mode = (found.mode & 0o7777).toString(8).padStart(4, "0");
    throw new DhiError("conflict", `others can write to the cache ${directory}, which has the mode ${mode}`, {
      hint: `Run chmod go-w on it, or set dhi:cacheDirectory to a folder that only you can write to`,
    });
  }
  return true;
}

function requireOwner(what: string, owner: number, uid: number | undefined): void {
  if (uid === undefined || owner === uid) return;
  const hint =
    uid === 0
      ? "Under sudo, use sudo -H so that HOME is root's own, or set dhi:cacheDirectory to a folder of root's"
      : "Set dhi:cacheDirectory to a folder of your own, or change its owner with chown";
  throw new DhiError("conflict", `${what} belongs to the user ${owner}, and this process runs as the user ${uid}`, { hint });
}
