import type { Candidates } from "./candidates.js";
import type { Dependency, DependencyGroup } from "../formats/dependency.js";
import { matchesByName, matchesByProvides } from "./matches.js";
import type { DebianPackage } from "./package.js";

/** Each takes a search through package indexes; Debian has at most a dozen equal providers. */
const maxMentions = 100;

/**
 * The packages that could meet an unmet group, in the order in which apt 2.6 tries them: upgrades of installed packages before
 * new ones, then the alternatives as written, then (among those that provide one name) the package of that very name,
 * essential ones, and by Priority. Only candidates count, never other versions.
 */
export function findOptions(group: DependencyGroup, candidates: Candidates): readonly DebianPackage[] {
  const found = group.flatMap((dependency) => optionsOf(dependency, candidates));
  const upgrades = found.filter(({ name }) => candidates.installed.has(name));
  const additions = found.filter(({ name }) => !candidates.installed.has(name));
  return [...new Set([...upgrades, ...additions])];
}

function optionsOf(dependency: Dependency, candidates: Candidates): readonly DebianPackage[] {
  const { architecture } = candidates;
  const named = candidates.candidate(dependency.name);
  const own = named !== undefined && matchesByName(dependency, named, architecture) ? [named] : [];
  const providers = candidates.providers(dependency.name).filter((one) => {
    return one !== named && candidates.candidate(one.name) === one && matchesByProvides(dependency, one, architecture);
  });
  const mention = (name: string): number => (providers.length > maxMentions ? 0 : candidates.mention(name));
  return [...own, ...providers.toSorted((one, other) => compareProviders(one, other, mention))];
}

/**
 * All else being equal, apt 2.6 takes the package whose first mention in its lists comes last (depcache.cc, CompareProviders: the
 * highest ID): an accident of the archive, but the same for everyone who uses that archive.
 */
function compareProviders(one: DebianPackage, other: DebianPackage, mention: (name: string) => number): number {
  if (one.essential !== other.essential) return one.essential ? -1 : 1;
  if (one.rank !== other.rank) return one.rank - other.rank;
  if (one.name === other.name) return 0;
  return mention(other.name) - mention(one.name) || (one.name < other.name ? 1 : -1);
}
