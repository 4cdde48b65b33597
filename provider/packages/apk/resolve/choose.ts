import { assign, constrain, markError, type Run } from "./constrain.js";
import { UPGRADE, type NameNode, type Provider } from "./node.js";
import { compareApkVersions } from "../formats/version.js";

/** Settles an open name: with its best provider, whose dependencies count from now on, or with nothing. */
export function choose(run: Run, name: NameNode): void {
  const best = name.requirers > 0 || name.hasTriggered ? findBest(run, name) : undefined;
  if (best === undefined) {
    assign(run, name, null);
    if (name.requirers > 0) run.missing.add(name);
    return;
  }
  const found = best.package;
  if (!found.isSelectable || !found.isTagAllowed) markError(run, found);
  assign(run, found.name, { package: found, version: found.package.version });
  for (const provided of found.provides) assign(run, provided.name, { package: found, version: provided.version });
  for (const need of found.needs) constrain(run, found, need);
}

/** A package is not chosen for a name that it provides without a version, unless it has a provider priority or is wanted by its own name. */
export function canBeDefault({ package: found, version }: Provider): boolean {
  return version !== undefined || found.name.requirers > 0 || found.package.providerPriority > 0;
}

function findBest(run: Run, name: NameNode): Provider | undefined {
  let best: Provider | undefined;
  for (const provider of run.graph.providersOf(name)) {
    run.agenda.count();
    const found = provider.package;
    if (name.requirers === 0 && !(found.isTriggered && found.isTagAllowed)) continue;
    if (!canBeDefault(provider)) continue;
    if (best === undefined || compareProviders(provider, best) > 0) best = provider;
  }
  return best;
}

/** Positive where the first is better (apk-tools 2.14): selectable, without conflicts, by tags, of the base (unless it is to be upgraded), newest, of the base, by priority, of the first repository. */
function compareProviders(one: Provider, other: Provider): number {
  const [a, b] = [one.package, other.package];
  const isUpgrade = ((a.allowedTags | b.allowedTags) & UPGRADE) !== 0;
  const criteria: readonly (() => number)[] = [
    () => Number(a.isSelectable) - Number(b.isSelectable),
    () => Number(a.wasOption) - Number(b.wasOption),
    () => b.conflicts - a.conflicts,
    () => Number(a.isTagAllowed) - Number(b.isTagAllowed),
    () => Number(a.isTagPreferred) - Number(b.isTagPreferred),
    () => (isUpgrade ? 0 : Number(a.isInstalled) - Number(b.isInstalled)),
    () => compareVersions(one.version, other.version),
    () => (a.name === b.name ? compareVersions(a.package.version, b.package.version) : 0),
    () => Number(a.isInstalled) - Number(b.isInstalled),
    () => a.package.providerPriority - b.package.providerPriority,
    () => b.rank - a.rank,
  ];
  for (const criterion of criteria) {
    const order = criterion();
    if (order !== 0) return order;
  }
  return 0;
}

function compareVersions(one: string | undefined, other: string | undefined): number {
  return one === undefined || other === undefined ? 0 : compareApkVersions(one, other);
}
