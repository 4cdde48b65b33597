import { extendChain, type Chain } from "../../chain.js";
import type { ApkGraph } from "./graph.js";
import { isMetBy, type Need, type PackageNode } from "./node.js";

/** For each chosen package the shortest chain from a requested one: by dependencies or `install_if`. */
export function findChains(graph: ApkGraph, chosen: readonly PackageNode[], asked: readonly Need[]): ReadonlyMap<PackageNode, Chain> {
  const chains = new Map<PackageNode, Chain>();
  const there = new Set(chosen);
  const queue: PackageNode[] = [];
  const reach = (found: PackageNode | undefined, before: Chain | undefined): void => {
    if (found === undefined || !there.has(found) || chains.has(found)) return;
    chains.set(found, extendChain(before, found.package.name));
    queue.push(found);
  };
  for (const { name, dependency } of asked) if (!dependency.conflict) reach(name.chosen?.package, undefined);
  for (const found of queue) {
    const chain = chains.get(found);
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
