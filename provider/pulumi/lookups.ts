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

/** A lookup has no row of its own in what the engine shows. */
const noRow: ResourceLog = { line: () => undefined, progress: () => undefined };

/** `getPackages`, in the program's process: all lookups of it share one session. Throws `RunError`. */
export async function getPackages(args: ValueMap, read: ReadConfig): Promise<readonly ListedPackage[]> {
  try {
    session ??= openProjectSession(read);
    const found = await lookUpPackages(session, args, noRow);
    // A program may well export them, and the CLI shows what it exports.
    return found.map((one) => showable({ ...one }) as unknown as ListedPackage);
  } catch (thrown) {
    throw thrown instanceof DhiError ? new RunError(terminalText(`getPackages: ${thrown.describe()}`)) : thrown;
  } finally {
    // Beside the work; what is not trimmed now is trimmed next time.
    session?.cache.evict().catch(() => undefined);
  }
}
