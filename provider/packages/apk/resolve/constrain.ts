import type { Agenda } from "./agenda.js";
import type { ApkGraph } from "./graph.js";
import { isMetBy, type NameNode, type Need, type PackageNode, type Provider, type Refusal } from "./node.js";

/** One run of the resolver. */
export interface Run {
  readonly graph: ApkGraph;
  readonly agenda: Agenda;
  /** Required names without any selectable provider. */
  readonly missing: Set<NameNode>;
  /** Packages that were chosen although they have errors. */
  readonly failed: Set<PackageNode>;
}

/** Where a dependency comes from: a package, or world with the bit of its tag and `UPGRADE`. */
export type Owner = PackageNode | number;

/** A dependency counts from now on: providers of its name that do not fit cannot be selected any more. */
export function constrain(run: Run, owner: Owner, { name, dependency }: Need): void {
  if (!dependency.conflict) {
    name.requirers += 1;
    if (name.requirers === 1) noteRequired(run, name);
  }
  for (const provider of run.graph.providersOf(name)) {
    run.agenda.count();
    const found = provider.package;
    const isMet = isMetBy(dependency, provider);
    if (!isMet) found.conflicts += 1;
    if (found.isSelectable && found.conflicts > 0) {
      refuse(run, found, { kind: "constraint", by: typeof owner === "number" ? undefined : owner, dependency });
    }
    if (isMet) inheritTags(found, owner);
  }
}

/** A name is required for the first time. */
export function noteRequired(run: Run, name: NameNode): void {
  run.agenda.markOpen(name);
  recheckTriggered(run, name);
  run.agenda.markDirty(name);
}

/** Tags spread from a dependency to everything that its provider needs. A tag of world is preferred too. */
export function inheritTags(found: PackageNode, owner: Owner): void {
  if (typeof owner === "number") {
    found.allowedTags |= owner;
    found.isTagPreferred = (found.tags & owner) !== 0;
  } else found.allowedTags |= owner.allowedTags;
  found.isTagAllowed ||= (found.tags & found.allowedTags) !== 0;
}

/** Rejects a package; dependents of its names are considered again. */
export function refuse(run: Run, found: PackageNode, refusal: Refusal): void {
  found.isSelectable = false;
  found.refusal ??= refusal;
  recheckDependents(run, found.name);
  for (const { name } of found.provides) recheckDependents(run, name);
  recheckTriggeredBy(run, found);
}

/** Assigns a provider, or none, to a name; an error where another package has it already, unless both have it without a version. */
export function assign(run: Run, name: NameNode, provider: Provider | null): void {
  const other = name.chosen;
  if (other !== undefined) {
    if (provider?.version === undefined && other?.version === undefined) return;
    markError(run, provider?.package, { kind: "name-taken", name: name.name, by: other?.package });
    markError(run, other?.package, { kind: "name-taken", name: name.name, by: provider?.package });
    return;
  }
  name.chosen = provider;
  run.agenda.settle(name);
  for (const { package: found, version } of run.graph.providersOf(name)) {
    run.agenda.count();
    if (!found.isSeen || found === provider?.package || (provider?.version === undefined && version === undefined)) continue;
    refuse(run, found, { kind: "name-taken", name: name.name, by: provider?.package });
  }
  recheckDependents(run, name);
  if (provider === null) recheckTriggered(run, name);
  else recheckTriggeredBy(run, provider.package);
}

/** A chosen package has an error. */
export function markError(run: Run, found: PackageNode | undefined, refusal?: Refusal): void {
  if (found === undefined) return;
  run.failed.add(found);
  found.refusal ??= refusal;
}

function recheckDependents({ agenda }: Run, name: NameNode): void {
  for (const dependent of name.dependents) {
    agenda.count();
    if (!dependent.isSeen) continue;
    dependent.mustCheckNeeds = true;
    agenda.markDirty(dependent);
  }
}

function recheckTriggeredBy(run: Run, { name, provides }: PackageNode): void {
  recheckTriggered(run, name);
  for (const provided of provides) recheckTriggered(run, provided.name);
}

function recheckTriggered({ graph, agenda }: Run, name: NameNode): void {
  for (const triggered of graph.namesTriggeredBy(name.name)) {
    agenda.count();
    if (!triggered.isSeen || triggered.isNeverTriggered) continue;
    triggered.mustCheckTriggers = true;
    agenda.markDirty(triggered);
  }
}
