import type { ListedPackage } from "../../family.js";
import type { ApkPackage } from "../formats/apk-package.js";
import type { ApkIndex } from "../archive/package-index.js";
import { compareApkVersions, isApkVersion } from "../formats/version.js";

type Found = Pick<ListedPackage, "version" | "description" | "size">;

/**
 * What apk would offer under each name, sorted by name: the newest version, without tagged repositories. Only the listed fields of a stanza
 * are read: there are tens of thousands, and a damaged one is skipped.
 */
export function listAlpine(request: { readonly installed: readonly ApkPackage[]; readonly index: ApkIndex }): readonly ListedPackage[] {
  const { index } = request;
  const installed = new Map(request.installed.map((found) => [found.name, found]));
  const names = new Set([...index.names(), ...installed.keys()]);
  return [...names].sort().flatMap((name): readonly ListedPackage[] => {
    const versions = index
      .stanzas(name)
      .flatMap(({ stanza, repositories }) => (repositories.some(({ tag }) => tag === undefined) ? readFound(stanza) : []));
    const present = installed.get(name);
    if (present !== undefined) {
      const { version, description } = present;
      const size = versions.find((found) => found.version === version)?.size ?? 0;
      return [{ name, version, description: textOf(description), size, installed: true }];
    }
    const newest = versions.reduce<Found | undefined>(
      (best, one) => (best === undefined || compareApkVersions(one.version, best.version) > 0 ? one : best),
      undefined,
    );
    return newest === undefined ? [] : [{ name, ...newest, installed: false }];
  });
}

function readFound(stanza: string): readonly Found[] {
  const fields = new Map<string, string>();
  for (const line of stanza.split("\n")) fields.set(line.slice(0, 2), line.slice(2));
  const version = fields.get("V:") ?? "";
  const description = fields.get("T:") ?? "";
  if (version === "" || !isApkVersion(version) || /[\x00-\x1f\x7f]/.test(description)) return [];
  return [{ version, description: textOf(description), size: Number(fields.get("S:") ?? 0) || 0 }];
}

/** Stanzas are latin1; descriptions are UTF-8. */
function textOf(description: string): string {
  return Buffer.from(description, "latin1").toString("utf8");
}
