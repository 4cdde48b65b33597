import { fieldOf, type Paragraph } from "../formats/control.js";
import { isPresent } from "../install/recorded-packages.js";
import { readPackage, type DebianPackage } from "./package.js";

/**
 * The packages of a base, from the paragraphs of `var/lib/dpkg/status` or of the files of `status.d` (whose paragraphs have no
 * Status field). Packages of other architectures, removed and half-installed ones are left out. Throws `DhiError` "invalid".
 */
export function readInstalled(paragraphs: Iterable<Paragraph>, architecture: string): readonly DebianPackage[] {
  const installed: DebianPackage[] = [];
  for (const fields of paragraphs) {
    if (!isPresent(fields)) continue;
    const own = fieldOf(fields, "Architecture") ?? architecture;
    if (own !== architecture && own !== "all") continue;
    if (fieldOf(fields, "Package") === undefined || fieldOf(fields, "Version") === undefined) continue;
    installed.push(readPackage(fields, architecture));
  }
  return installed;
}
