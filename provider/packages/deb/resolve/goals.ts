import type { Candidates } from "./candidates.js";
import { findOptions } from "./options.js";
import type { DebianPackage } from "./package.js";
import type { Chosen, Goal } from "./reason.js";
import type { Selection } from "./selection.js";

/** The packages that could meet a goal, best first; undefined where it is met already. */
export function findGoalOptions(goal: Goal, selection: Selection, candidates: Candidates): readonly DebianPackage[] | undefined {
  if (goal.kind === "upgrade") {
    const { installed, because } = goal;
    if (!selection.isPresent(installed)) return undefined;
    const better = candidates.candidate(installed.name);
    if (better === undefined || better === installed) return [];
    return because.kind === "sibling" ? [better, installed] : [better];
  }
  if (goal.kind === "want") return undefined;
  const { owner, need, brokenBy } = goal;
  if (selection.isMet(need.group)) return undefined;
  const options = findOptions(need.group, candidates);
  if (brokenBy === undefined || owner.package.archive !== undefined) return options;
  if (!selection.isPresent(owner.package)) return undefined;
  const better = candidates.candidate(owner.package.name);
  return better === undefined || better === owner.package ? options : [better, ...options];
}

/** The goals that arise before and after `chosen` is taken; called before it is. */
export function findUpgrades(chosen: Chosen, selection: Selection, candidates: Candidates): readonly Goal[] {
  const goals: Goal[] = [];
  for (const { by, exclusion, other } of selection.clashes(chosen.package)) {
    if (candidates.installed.get(other.name) !== other) continue;
    goals.push({ kind: "upgrade", owner: chosen, installed: other, because: { kind: "exclusion", by, exclusion } });
  }
  return goals;
}

/** Installed packages from the same source with a candidate of the same version: apt upgrades them together. */
export function findSiblings(chosen: Chosen, candidates: Candidates): readonly Goal[] {
  const goals: Goal[] = [];
  for (const installed of candidates.installed.values()) {
    if (installed.name === chosen.package.name || sourceName(installed) !== sourceName(chosen.package)) continue;
    const better = candidates.candidate(installed.name);
    if (better === undefined || better === installed || better.builtFrom !== chosen.package.builtFrom) continue;
    goals.push({ kind: "upgrade", owner: chosen, installed, because: { kind: "sibling" } });
  }
  return goals;
}

/** The dependencies that `before` met and its upgrade, already taken, no longer meets. */
export function findBroken(upgrade: Chosen, before: DebianPackage, selection: Selection, candidates: Candidates): readonly Goal[] {
  const goals: Goal[] = [];
  const names = new Set([before.name, ...before.provides.map(({ name }) => name)]);
  const look = (owner: Chosen): void => {
    for (const need of owner.package.needs) {
      if (!need.group.some(({ name }) => names.has(name)) || selection.isMet(need.group)) continue;
      goals.push({ kind: "need", owner, need, brokenBy: upgrade });
    }
  };
  for (const installed of candidates.installed.values()) {
    if (selection.isPresent(installed)) look({ package: installed, owner: upgrade, level: 0 });
  }
  for (const chosen of selection.chosen) if (chosen !== upgrade) look(chosen);
  return goals;
}

function sourceName({ builtFrom }: DebianPackage): string {
  return builtFrom.slice(0, builtFrom.indexOf(" "));
}
