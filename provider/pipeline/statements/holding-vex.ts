import { meantPackages, type DeclaredVex, type DeclaredVexPackage } from "../../attestation/vex/declared.js";
import type { VexPackage } from "../../attestation/vex/names-package.js";
import type { Notice } from "../notice.js";
import { formatDay } from "../resolve/ripening-day.js";

/** The user's statements that have not expired, and are about something that the image has. `packages`: those of all platforms. */
export function holdingVex(
  declared: readonly DeclaredVex[],
  packages: readonly VexPackage[],
  now: number,
): { readonly holding: readonly DeclaredVex[]; readonly notices: readonly Notice[] } {
  const holding: DeclaredVex[] = [];
  const notices: Notice[] = [];
  for (const [at, item] of declared.entries()) {
    const what = `vex.statements[${String(at)}] about ${item.vulnerability}`;
    if (item.until !== undefined && item.until <= now) {
      const message = `${what} held until ${formatDay(item.until - 1)} and is left out: look at it again, then change or remove it`;
      notices.push({ kind: "vex-expired", message });
      continue;
    }
    const missing = item.package === undefined ? undefined : describeMissing(item.package, packages);
    if (missing === undefined) holding.push(item);
    else notices.push({ kind: "vex-unmatched", message: `${what} is left out: ${missing}` });
  }
  return { holding, notices };
}

/** Why no package is meant; undefined where one is. */
function describeMissing(declared: DeclaredVexPackage, packages: readonly VexPackage[]): string | undefined {
  if ("purl" in declared || meantPackages(declared, packages).length > 0) return undefined;
  const { name } = declared;
  const others = new Set(meantPackages({ name }, packages).map(({ version }) => version));
  return others.size === 0 ? `the image has no package ${name}` : `the image has ${name} in version ${[...others].sort().join(", ")}`;
}
