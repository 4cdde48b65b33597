import type { Agenda } from "./agenda.js";
import type { ApkGraph } from "./graph.js";
import type { NameNode, PackageNode, Provider } from "./node.js";

/**
 * Collects everything reachable from a name: its providers, their dependencies, and what `install_if` adds with it. Measures the depth of
 * the dependencies behind each name on the way, a cycle as far as it has been walked (apk settles deep names first).
 */
export function discover(graph: ApkGraph, name: NameNode, agenda: Agenda): void {
  if (name.isSeen) return;
  // Iterative: chains can be longer than JavaScript's stack is deep.
  const path = [visit(graph, name, agenda)];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { value } = top.next();
    if (value === undefined) path.pop();
    else if (!value.isSeen) path.push(visit(graph, value, agenda));
  }
}

/** Yields the names that must be discovered before it continues. */
function* visit(graph: ApkGraph, name: NameNode, agenda: Agenda): Generator<NameNode, undefined> {
  name.isSeen = true;
  name.isNeverTriggered = true;
  const providers = graph.providersOf(name);
  name.virtuality = measureVirtuality(name.name, providers);
  for (const { package: found } of providers) {
    agenda.count();
    if (!found.isSeen) yield* visitPackage(found);
    name.isNeverTriggered &&= found.isTriggerFailed;
    name.depth = Math.max(name.depth, found.depth);
  }
  for (const { package: found } of providers) {
    yield* graph.namesTriggeredBy(found.name.name);
    for (const provided of found.provides) if (!provided.name.isSeen) yield* graph.namesTriggeredBy(provided.name.name);
  }
  return undefined;
}

function* visitPackage(found: PackageNode): Generator<NameNode, void> {
  found.isSeen = true;
  for (const { name } of found.needs) {
    name.dependents.add(found.name);
    for (const provided of found.provides) name.dependents.add(provided.name);
  }
  for (const { name } of found.needs) {
    yield name;
    found.depth = Math.max(found.depth, name.depth + 1);
  }
}

function measureVirtuality(name: string, providers: readonly Provider[]): number {
  const others = providers.filter((provider) => provider.package.name.name !== name).length;
  if (others === 0) return 0;
  return others === providers.length ? 2 : 1;
}
