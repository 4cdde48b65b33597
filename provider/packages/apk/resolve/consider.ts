import { constrain, inheritTags, noteRequired, refuse, type Run } from "./constrain.js";
import { isMetBy, type NameNode, type Need, type PackageNode, type Provider } from "./node.js";

/**
 * Reconsiders the providers of a name after something changed: which cannot be selected any more, which come in by `install_if`, and
 * what holds for any choice: common needs are required at once, and common names exclude providers that lack them.
 */
export function consider(run: Run, name: NameNode): void {
  const { mustCheckNeeds, mustCheckTriggers } = name;
  name.mustCheckNeeds = false;
  name.mustCheckTriggers = false;
  name.hasTriggered = false;
  name.isNeverTriggered = true;
  const options: Provider[] = [];
  for (const provider of run.graph.providersOf(name)) {
    run.agenda.count();
    const found = provider.package;
    found.isOption = false;
    if (mustCheckNeeds && found.isSelectable) checkNeeds(run, found);
    if (!found.isSelectable) continue;
    if (mustCheckTriggers) checkTriggers(found);
    name.hasTriggered ||= found.isTriggered;
    name.isNeverTriggered &&= found.isTriggerFailed;
    if (name.requirers === 0) continue;
    found.isOption = true;
    options.push(provider);
  }
  name.hasOptions = options.length > 1 || options.some((option) => !option.package.isTagAllowed);
  run.agenda.markOpen(name);
  const [first] = options;
  if (first !== undefined) {
    for (const { package: found } of run.graph.providersOf(name)) found.wasOption = found.isOption;
    // Computed before needs are passed on, which may change the options.
    const common = findCommonNames(run, options, first.package);
    passNeeds(run, options, first.package);
    for (const [other, mayShare] of common) excludeOthers(run, other, name, mayShare);
  }
  run.agenda.count(name.dependents.size);
  name.areDependentsSettled = [...name.dependents].every((dependent) => !dependent.isSeen || dependent.chosen !== undefined);
  run.agenda.markOpen(name);
}

function checkNeeds(run: Run, found: PackageNode): void {
  const need = found.needs.find((one) => !canBeMet(run, one));
  if (need !== undefined) refuse(run, found, { kind: "need", need });
}

function canBeMet({ graph, agenda }: Run, { name, dependency }: Need): boolean {
  if (name.chosen !== undefined) return isMetBy(dependency, name.chosen);
  if (name.requirers === 0 && dependency.conflict) return true;
  const providers = graph.providersOf(name);
  agenda.count(providers.length);
  return providers.some((provider) => provider.package.isSelectable && isMetBy(dependency, provider));
}

/** A package is triggered once all names of its `install_if` are settled and met, and never once one is settled otherwise. */
function checkTriggers(found: PackageNode): void {
  if (!found.isTriggered && !found.isTriggerFailed) {
    const decisive = found.triggers.find(({ name, dependency }) => name.chosen === undefined || !isMetBy(dependency, name.chosen));
    found.isTriggered = decisive === undefined;
    found.isTriggerFailed = decisive !== undefined && decisive.name.chosen !== undefined;
  }
  if (!found.isTriggered) return;
  for (const { name } of found.triggers) inheritTags(found, name.chosen?.package ?? 0);
}

/** The needs of a single option count at once; of several, the names that all of them need are required. */
function passNeeds(run: Run, options: readonly Provider[], first: PackageNode): void {
  const passed = new Set<NameNode>();
  for (const need of first.needs) {
    const { name } = need;
    run.agenda.count(options.length);
    // Only the first dependency on a name; the others count when the package is chosen.
    if (passed.has(name) || !options.every((option) => option.package.neededNames.has(name))) continue;
    passed.add(name);
    if (options.length === 1) constrain(run, first, need);
    else if (name.requirers === 0) {
      name.requirers = 1;
      noteRequired(run, name);
      for (const provider of run.graph.providersOf(name)) inheritTags(provider.package, first);
    }
  }
}

/** Names that all options have, in the order of the first; true for those that any of them has without a version. */
function findCommonNames(run: Run, options: readonly Provider[], first: PackageNode): readonly (readonly [NameNode, boolean])[] {
  const names = new Set([first.name, ...first.provides.map((provided) => provided.name)]);
  return [...names].flatMap((name) => {
    run.agenda.count(options.length);
    const virtual = options.map((option) => isVirtual(option, name));
    return virtual.includes(undefined) ? [] : [[name, virtual.includes(true)] as const];
  });
}

/** Undefined where an option lacks the name. A package's own name counts as the one under which it is an option. */
function isVirtual({ package: found, version }: Provider, name: NameNode): boolean | undefined {
  return found.name === name ? version === undefined : found.providedNames.get(name);
}

/** Rejects other providers of a name that every provider of `must` provides. */
function excludeOthers(run: Run, name: NameNode, must: NameNode, mayShare: boolean): void {
  if (name === must) return;
  for (const { package: found, version } of run.graph.providersOf(name)) {
    run.agenda.count();
    if (!found.isSeen || found.name === must || !found.isSelectable || (mayShare && version === undefined)) continue;
    if (found.provides.some((provided) => provided.name === must || (mayShare && provided.version === undefined))) continue;
    refuse(run, found, { kind: "lacks-name", name: must.name });
  }
}
