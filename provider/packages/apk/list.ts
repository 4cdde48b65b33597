import type { ListedPackage } from "../family.js";
import type { ApkPackage } from "./apk-package.js";
import type { ApkIndex } from "./package-index.js";
import { compareApkVersions } from "./version.js";

/** What apk would offer under each name, in order of names: the newest version, without those of tagged repositories. */
export function listAlpine(request: { readonly installed: readonly ApkPackage[]; readonly index: ApkIndex }): readonly ListedPackage[] {
  const { index } = request;
  const installed = new Map(request.installed.map((found) => [found.name, found]));
  const names = new Set([...index.names(), ...installed.keys()]);
  return [...names].sort().flatMap((name): readonly ListedPackage[] => {
    const versions = index.named(name).filter(({ repositories }) => repositories.some(({ tag }) => tag === undefined));
    const present = installed.get(name);
    const newest = versions.reduce<ApkPackage | undefined>(
      (best, one) => (best === undefined || compareApkVersions(one.version, best.version) > 0 ? one : best),
      undefined,
    );
    const found = present ?? newest;
    if (found === undefined) return [];
    const listed = versions.find(({ version }) => version === found.version);
    return [
      { name, version: found.version, description: textOf(found.description), size: listed?.size ?? 0, installed: present !== undefined },
    ];
  });
}

/** Stanzas are latin1; descriptions are UTF-8. */
function textOf(description: string): string {
  return Buffer.from(description, "latin1").toString("utf8");
}
