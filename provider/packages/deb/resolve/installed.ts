import { fieldOf, type Paragraph } from "../formats/control.js";
import { readPackage, type DebianPackage } from "./package.js";

/** dpkg's states in which a package's files are there and configured (dpkg(1), "Package states"). */
const present = new Set(["installed", "triggers-awaited", "triggers-pending"]);

/**
 * The packages of a base, from the paragraphs of `var/lib/dpkg/status` or of the files of `status.d` (whose paragraphs have no
 * Status field). Packages of other architectures, removed and half-installed ones are left out. Throws `DhiError` "invalid".
 */
export function readInstalled(paragraphs: Iterable<Paragraph>, architecture: string): readonly DebianPackage[] {
  const installed: DebianPackage[] = [];
  for (const fields of paragraphs) {
    if (!isPresent(fieldOf(fields, "Status"))) continue;
    const own = fieldOf(fields, "Architecture") ?? architecture;
    if (own !== architecture && own !== "all") continue;
    if (fieldOf(fields, "Package") === undefined || fieldOf(fields, "Version") === undefined) continue;
    installed.push(readPackage(fields, architecture));
  }
  return installed;
}

function isPresent(status: string | undefined): boolean {
  if (status === undefined) return true;
  const [, , state = ""] = status.trim().split(/\s+/);
  return present.has(state);
}
