import type { PackageNotice } from "../../packages.js";
import type { ApkPackage } from "../formats/apk-package.js";
import { compareApkVersions } from "../formats/version.js";
import { explainKeptBack } from "./explain.js";
import type { ApkLookup } from "./graph.js";
import type { Wanted } from "./requests.js";
import type { Found } from "./search.js";

/** A notice for each package of the base that stays at its version, although an untagged repository has a newer one. Sorted by name. */
export function noticeKeptBack(
  found: Found,
  wanted: readonly Wanted[],
  { installed, lookup }: { readonly installed: readonly ApkPackage[]; readonly lookup: ApkLookup },
): readonly PackageNotice[] {
  const stays = new Set(found.chosen.flatMap((one) => (one.isInstalled ? [one.package.checksum] : [])));
  return installed
    .filter(({ checksum }) => stays.has(checksum))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap(({ name, version }): readonly PackageNotice[] => {
      const newer = lookup
        .candidates(name)
        .filter((one) => one.name === name && one.repositories.some(({ tag }) => tag === undefined))
        .reduce<ApkPackage | undefined>(
          (best, one) => (compareApkVersions(one.version, best?.version ?? version) > 0 ? one : best),
          undefined,
        );
      if (newer === undefined) return [];
      const why = explainKeptBack(found, wanted, found.graph.package(newer));
      return [
        { kind: "kept-back", message: `${name} of the base stays at ${version} rather than ${newer.version}: ${why}`, package: name },
      ];
    });
}
