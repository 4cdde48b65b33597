import type { ApkGraph } from "./resolve-graph.js";
import { isMetBy, type Need, type PackageNode } from "./resolve-node.js";

/** For each chosen package the shortest way from what was asked for to it: by dependencies, or by what comes in with something. */
export function findChains(
  graph: ApkGraph,
  chosen: readonly PackageNode[],
  asked: readonly Need[],
): ReadonlyMap<PackageNode, readonly PackageNode[]> {
  const chains = new Map<PackageNode, readonly PackageNode[]>();
  const there = new Set(chosen);
  const queue: PackageNode[] = [];
  const reach = (found: PackageNode | undefined, before: readonly PackageNode[]): void => {
    if (found === undefined || !there.has(found) || chains.has(found)) return;
    chains.set(found, [...before, found]);
    queue.push(found);
  };
  for (const { name, dependency } of asked) if (!dependency.conflict) reach(name.chosen?.package, []);
  for (let found = queue.shift(); found !== undefined; found = queue.shift()) {
    const chain = chains.get(found) ?? [];
    for (const { name } of found.needs) reach(name.chosen?.package, chain);
    for (const { name } of [{ name: found.name }, ...found.provides]) {
      for (const triggered of graph.namesTriggeredBy(name.name)) {
        const other = triggered.chosen?.package;
        if (other?.triggers.every((trigger) => isMetBy(trigger.dependency, trigger.name.chosen)) === true) reach(other, chain);
      }
    }
  }
  return chains;
}
