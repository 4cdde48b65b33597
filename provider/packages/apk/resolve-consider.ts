import { constrain, inheritTags, noteRequired, refuse, type Run } from "./resolve-constrain.js";
import { isMetBy, type NameNode, type Need, type PackageNode, type Provider } from "./resolve-node.js";

/**
 * Looks at what provides a name after something around it changed: what cannot be taken any more, what comes in by `install_if`, and
 * what follows whichever is taken in the end: needs in common are required at once, and names in common bar what lacks them.
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
    // Names in common are what they are now, whatever passing on needs does to the options.
    const common = findCommonNames(options);
    passNeeds(run, options, first.package);
    for (const [other, hasVirtual] of common) barOthers(run, other, name, hasVirtual);
  }
  name.areDependentsSettled = [...name.dependents].every((dependent) => !dependent.isSeen || dependent.chosen !== undefined);
  run.agenda.markOpen(name);
}

function checkNeeds(run: Run, found: PackageNode): void {
  const need = found.needs.find((one) => !canBeMet(run, one));
  if (need !== undefined) refuse(run, found, { kind: "need", need });
}

function canBeMet({ graph }: Run, { name, dependency }: Need): boolean {
  if (name.chosen !== undefined) return isMetBy(dependency, name.chosen);
  if (name.requirers === 0 && dependency.conflict) return true;
  return graph.providersOf(name).some((provider) => provider.package.isSelectable && isMetBy(dependency, provider));
}

/** It comes in once all names of `install_if` are settled and met, and never once one is settled otherwise. */
function checkTriggers(found: PackageNode): void {
  if (!found.isTriggered && !found.isTriggerFailed) {
    const decisive = found.triggers.find(({ name, dependency }) => name.chosen === undefined || !isMetBy(dependency, name.chosen));
    found.isTriggered = decisive === undefined;
    found.isTriggerFailed = decisive !== undefined && decisive.name.chosen !== undefined;
  }
  if (!found.isTriggered) return;
  for (const { name } of found.triggers) inheritTags(found, name.chosen?.package ?? 0);
}

/** The needs of an only option count at once; of several, the names that all of them need are required. */
function passNeeds(run: Run, options: readonly Provider[], first: PackageNode): void {
  const [common = new Set(), ...rest] = options.map((option) => namesNeeded(option.package));
  for (const need of first.needs) {
    const { name } = need;
    run.agenda.count();
    // The first dependency on a name only; the others count when the package is chosen.
    if (!common.delete(name) || !rest.every((names) => names.has(name))) continue;
    if (rest.length === 0) constrain(run, first, need);
    else if (name.requirers === 0) {
      name.requirers = 1;
      noteRequired(run, name);
      for (const provider of run.graph.providersOf(name)) inheritTags(provider.package, first);
    }
  }
}

function namesNeeded({ needs }: PackageNode): Set<NameNode> {
  return new Set(needs.filter((need) => !need.dependency.conflict).map((need) => need.name));
}

/** Names that all options have, in the order of the first; true for those that some of them provides without a version. */
function findCommonNames(options: readonly Provider[]): ReadonlyMap<NameNode, boolean> {
  const [common = new Map<NameNode, boolean>(), ...rest] = options.map(namesProvided);
  for (const names of rest) {
    for (const [name, isVirtual] of common) {
      const other = names.get(name);
      if (other === undefined) common.delete(name);
      else common.set(name, isVirtual || other);
    }
  }
  return common;
}

/** True for those without a version. A package's own name counts as the one under which it is an option. */
function namesProvided({ package: found, version }: Provider): Map<NameNode, boolean> {
  const names = new Map([[found.name, version === undefined]]);
  for (const provided of found.provides) if (!names.has(provided.name)) names.set(provided.name, provided.version === undefined);
  return names;
}

/** What provides a name that is going to be provided by whatever provides `must` cannot be taken, unless it is that. */
function barOthers(run: Run, name: NameNode, must: NameNode, isVirtual: boolean): void {
  if (name === must) return;
  for (const { package: found, version } of run.graph.providersOf(name)) {
    run.agenda.count();
    if (!found.isSeen || found.name === must || !found.isSelectable || (isVirtual && version === undefined)) continue;
    if (found.provides.some((provided) => provided.name === must || (isVirtual && provided.version === undefined))) continue;
    refuse(run, found, { kind: "lacks-name", name: must.name });
  }
}
