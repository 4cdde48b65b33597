import { Agenda } from "./agenda.js";
import type { ApkDependency } from "../formats/apk-package.js";
import { listChosen } from "./changes.js";
import { choose } from "./choose.js";
import { consider } from "./consider.js";
import { constrain, type Run } from "./constrain.js";
import { discover } from "./discover.js";
import { ApkGraph, type GraphOptions } from "./graph.js";
import { UPGRADE, type NameNode, type Need, type PackageNode } from "./node.js";

export interface SearchOptions extends GraphOptions {
  /** Sorted by name. */
  readonly world: readonly ApkDependency[];
  /** Names that are requested in this run. */
  readonly asked: ReadonlySet<string>;
  /** As `apk upgrade` chooses: the newest versions, also of packages of the base. */
  readonly upgrade: boolean;
  readonly maxSteps: number;
}

export interface Found {
  readonly graph: ApkGraph;
  readonly world: readonly Need[];
  /** The chosen packages, in the order in which apk installs them. */
  readonly chosen: readonly PackageNode[];
  readonly missing: ReadonlySet<NameNode>;
  readonly failed: ReadonlySet<PackageNode>;
}

/**
 * What apk-tools 2.14 chooses for a world. It never backtracks: it propagates what is certain, and settles one name after the other.
 * Throws `DhiError` "limit".
 */
export function search(options: SearchOptions): Found {
  const run: Run = { graph: new ApkGraph(options), agenda: new Agenda(options.maxSteps), missing: new Set(), failed: new Set() };
  const { graph, agenda } = run;
  for (const name of options.asked) graph.name(name).isAsked = true;
  const world = options.world.map((dependency) => graph.need(dependency));
  for (const { name } of world) discover(graph, name, agenda);
  graph.sortDependents();
  const flags = options.upgrade ? UPGRADE : 0;
  for (const need of world) constrain(run, graph.tagBit(need.dependency.tag) | flags, need);
  for (;;) {
    for (let name = agenda.nextDirty(); name !== undefined; name = agenda.nextDirty()) consider(run, name);
    const next = agenda.nextOpen();
    if (next === undefined) break;
    choose(run, next);
  }
  const installed = options.installed.map(({ name }) => graph.name(name));
  return { graph, world, chosen: listChosen(run, world, installed), missing: run.missing, failed: run.failed };
}
