import { RunError } from "@pulumi/pulumi";
import { DhiError } from "../errors.js";
import type { ListedPackage } from "../packages/family.js";
import { lookUpPackages } from "../resources/lookups/packages.js";
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

/** `getPackages`, in the program's process: all its lookups share one session. Throws `RunError`. */
export async function getPackages(args: ValueMap, read: ReadConfig): Promise<readonly ListedPackage[]> {
  try {
    session ??= openProjectSession(read);
    const found = await lookUpPackages(session, args, noRow);
    // A program may export the result, and the CLI shows what is exported.
    return found.map((one) => showable({ ...one }) as unknown as ListedPackage);
  } catch (thrown) {
    throw thrown instanceof DhiError ? new RunError(terminalText(`getPackages: ${thrown.describe()}`)) : thrown;
  } finally {
    // In the background; a cache that is not trimmed now is trimmed next time.
    session?.cache.evict().catch(() => undefined);
  }
}
