import type { PackageNotice } from "../../packages.js";
import type { Candidates } from "./candidates.js";
import { explainKeptBack } from "./explain.js";
import { formatDependency } from "../formats/dependency.js";
import type { DebianPackage } from "./package.js";
import { formatChain } from "../../chain.js";
import { chainOf, type Chosen } from "./reason.js";
import type { Selection } from "./selection.js";
import type { KeptBack } from "./upgrade.js";
import { nameTool } from "../../tool-kind.js";
import { toolOf } from "../tools.js";

/** A notice for each shell, interpreter or package manager that is added. */
export function noticeTools(selection: Selection, isNew: (found: DebianPackage) => boolean): readonly PackageNotice[] {
  return byName(selection.chosen).flatMap((chosen) => {
    const { name } = chosen.package;
    const kind = toolOf(name);
    if (kind === undefined || !isNew(chosen.package)) return [];
    const how = chosen.owner === undefined ? "as requested" : `by ${formatChain(chainOf(chosen))}`;
    return [{ kind: "shell-added", message: `${name}, ${nameTool(kind)}, is added ${how}`, package: name }];
  });
}

/** What the requested packages recommend and the image will not have; recommendations of their dependencies are not reported. */
export function noticeRecommends(wanted: readonly DebianPackage[], selection: Selection): readonly PackageNotice[] {
  return wanted.flatMap(({ name, recommends }) =>
    recommends
      .filter((group) => !selection.isMet(group))
      .map((group) => ({
        kind: "recommends",
        message: `${name} recommends ${group.map(formatDependency).join(" or ")}, which is not added`,
        package: name,
      })),
  );
}

/** A notice for each package of the base that is upgraded. `wanted`: the requested packages. */
export function noticeUpgrades(
  selection: Selection,
  installed: ReadonlyMap<string, DebianPackage>,
  wanted: readonly DebianPackage[],
): readonly PackageNotice[] {
  return byName(selection.chosen).flatMap((chosen) => {
    const { name, version } = chosen.package;
    const before = installed.get(name);
    if (before === undefined || before === chosen.package) return [];
    const asked = wanted.includes(chosen.package) ? "as requested" : "by upgradeInstalled";
    const why = chosen.owner === undefined ? asked : `for ${formatChain(chainOf(chosen))}`;
    return [
      {
        kind: "upgraded",
        message: `${name} of the base is upgraded from ${before.version} to ${version}, ${why}`,
        package: name,
      },
    ];
  });
}

/** A notice for each package of the base that `upgradeInstalled` leaves as it is, although an archive has a newer version. */
export function noticeKeptBack(keptBack: readonly KeptBack[], candidates: Candidates): readonly PackageNotice[] {
  return keptBack.map((one) => ({ kind: "kept-back", message: explainKeptBack(one, candidates), package: one.installed.name }));
}

function byName(chosen: readonly Chosen[]): readonly Chosen[] {
  return chosen.toSorted((one, other) => (one.package.name < other.package.name ? -1 : 1));
}
