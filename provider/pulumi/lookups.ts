import { RunError } from "@pulumi/pulumi";
import { DhiError } from "../errors.js";
import type { ListedPackage } from "../packages/family.js";
import { lookUpHistory, type KeptEntry } from "../resources/lookups/history.js";
import { lookUpPackages } from "../resources/lookups/packages.js";
import { lookUpVerified, type SignedImage } from "../resources/lookups/verified-image.js";
import type { ResourceLog } from "../pipeline/session.js";
import type { ValueMap } from "../values.js";
import { terminalText } from "../text/terminal-text.js";
import { openProjectSession } from "./host.js";
import type { OpenedSession } from "./session.js";
import type { ReadConfig } from "./settings.js";
import { showable } from "./shown.js";

let session: OpenedSession | undefined;

/** A lookup has no row of its own in the engine's display. */
const noRow: ResourceLog = { line: () => undefined, progress: () => undefined };

/** `getPackages`, in the program's process. Throws `RunError`. */
export function getPackages(args: ValueMap, read: ReadConfig): Promise<readonly ListedPackage[]> {
  return lookUp("getPackages", read, (opened) => lookUpPackages(opened, args, noRow));
}

/** `getHistory` of an image that another program publishes, in the program's process. Throws `RunError`. */
export function getHistory(args: ValueMap, read: ReadConfig): Promise<readonly KeptEntry[]> {
  return lookUp("getHistory", read, (opened) => lookUpHistory(opened, args));
}

/** `verifyImage`, in the program's process. Throws `RunError`. */
export async function verifyImage(args: ValueMap, read: ReadConfig): Promise<SignedImage> {
  const [found] = await lookUp("verifyImage", read, async (opened) => [await lookUpVerified(opened, args)]);
  if (found === undefined) throw new Error("the lookup has no result");
  return found;
}

/** All lookups of a program share one session. */
async function lookUp<T extends object>(
  name: string,
  read: ReadConfig,
  find: (opened: OpenedSession) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    session ??= openProjectSession(read);
    const found = await find(session);
    // A program may export the result, and the CLI shows what is exported.
    return found.map((one) => showable({ ...one } as unknown as ValueMap) as unknown as T);
  } catch (thrown) {
    throw thrown instanceof DhiError ? new RunError(terminalText(`${name}: ${thrown.describe()}`)) : thrown;
  } finally {
    // In the background; a cache that is not trimmed now is trimmed next time.
    session?.cache.evict().catch(() => undefined);
  }
}
