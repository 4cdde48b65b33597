import { stat } from "node:fs/promises";
import { DhiError } from "../errors.js";
import { ifPresent } from "./files.js";

/** Bits of a mode that let the group or others write. */
const OTHERS_WRITE = 0o022;

/**
 * Whether the folder is there, and ours alone: who else may write to it decides what is published. Throws `DhiError` "conflict" for
 * another user's folder and for one that others may write to. `uid` is this process's; undefined where the system has none.
 */
export async function isPrivateFolder(directory: string, uid: number | undefined): Promise<boolean> {
  const found = await ifPresent(stat(directory));
  if (found === undefined || uid === undefined) return found !== undefined;
  if (found.uid !== uid) {
    const hint =
      uid === 0
        ? "Under sudo, use sudo -H so that HOME is root's own, or set dhi:cacheDirectory to a folder of root's"
        : "Set dhi:cacheDirectory to a folder of your own, or change its owner with chown";
    throw new DhiError("conflict", `the cache ${directory} belongs to the user ${found.uid}, and this process runs as the user ${uid}`, {
      hint,
    });
  }
  if ((found.mode & OTHERS_WRITE) !== 0) {
    const mode = (found.mode & 0o7777).toString(8).padStart(4, "0");
    throw new DhiError("conflict", `others may write to the cache ${directory}, which has the mode ${mode}`, {
      hint: `Run chmod go-w on it, or set dhi:cacheDirectory to a folder that only you may write to`,
    });
  }
  return true;
}
