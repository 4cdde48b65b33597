import { formatChain, type Chain } from "../../chain.js";
import type { PackageNotice } from "../../packages.js";
import type { PackageNode } from "./node.js";
import { nameTool } from "../../tool-kind.js";
import { toolOf } from "../tools.js";

/** The chain of a package: names from the requested one to it. */
export type Chains = ReadonlyMap<PackageNode, Chain>;

/** A notice for each shell, interpreter or package manager that is added. */
export function noticeTools(added: readonly PackageNode[], before: ReadonlySet<string>, chains: Chains): readonly PackageNotice[] {
  return byName(added).flatMap((found) => {
    const { name } = found.package;
    const kind = toolOf(name);
    if (kind === undefined || before.has(name)) return [];
    const chain = chains.get(found);
    const how = chain === undefined || chain.length === 1 ? "as requested" : `by ${formatChain(chain)}`;
    return [{ kind: "shell-added", message: `${name}, ${nameTool(kind)}, is added ${how}`, package: name }];
  });
}

/** A notice for each package of the base that is upgraded; `before`: the old versions; `upgrade`: whether all are, where they can be. */
export function noticeUpgrades(
  added: readonly PackageNode[],
  before: ReadonlyMap<string, string>,
  chains: Chains,
  upgrade: boolean,
): readonly PackageNotice[] {
  return byName(added).flatMap((found) => {
    const { name, version } = found.package;
    const old = before.get(name);
    if (old === undefined) return [];
    const chain = chains.get(found);
    const why = upgrade ? ", by upgradeInstalled" : chain === undefined ? "" : `, for ${formatChain(chain)}`;
    return [{ kind: "upgraded", message: `${name} of the base is upgraded from ${old} to ${version}${why}`, package: name }];
  });
}

function byName(found: readonly PackageNode[]): readonly PackageNode[] {
  return found.toSorted((one, other) => (one.package.name < other.package.name ? -1 : 1));
}
