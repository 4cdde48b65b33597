import { DhiError } from "../../../errors.js";
import type { Candidates } from "./candidates.js";
import { findBroken, findGoalOptions, findSiblings, findUpgrades } from "./goals.js";
import type { DebianPackage } from "./package.js";
import { addLevels, type Chosen, type DeadEnd, type Goal, type Refusal } from "./reason.js";
import { Selection } from "./selection.js";

export interface SearchOptions {
  readonly candidates: Candidates;
  readonly wanted: readonly DebianPackage[];
  /** Chosen already, with everything that they need. */
  readonly before?: readonly Chosen[] | undefined;
  /** Forbidden names, with the property that forbids them. */
  readonly forbidden: ReadonlyMap<string, string>;
  /** Names whose dependencies count as met. */
  readonly assumed: ReadonlySet<string>;
  /** How many packages to try before giving up. */
  readonly maxTries: number;
}

/** The chosen packages, or the goal that cannot be met. */
export type SearchResult = Selection | DeadEnd;

interface Goals {
  readonly goal: Goal;
  readonly next: Goals | undefined;
}

/** What rejections depend on besides the owners of the goal. */
interface Ground {
  /** Numbers of choices. */
  readonly levels: Set<number>;
  /** Whether another choice could remove the reason for a rejection. */
  isConditional: boolean;
}

/** A goal and its options, one of which is taken for now. */
interface Choice extends Ground {
  readonly goal: Goal;
  readonly options: readonly DebianPackage[];
  /** Index of the option to try after the current one. */
  next: number;
  /** The goals that remain. */
  readonly rest: Goals | undefined;
  /** How many packages were chosen before. */
  readonly mark: number;
  readonly refusals: Refusal[];
}

/**
 * Depth-first in apt's order, backjumping from a dead end to the latest choice that it depends on. A package that reached a dead end by
 * itself is not tried again. Throws `DhiError` "limit".
 */
export function search(options: SearchOptions): SearchResult {
  return new Search(options).run();
}

class Search {
  readonly #options: SearchOptions;
  readonly #selection: Selection;
  readonly #hopeless = new Map<DebianPackage, DeadEnd>();
  readonly #choices: Choice[] = [];
  #goals: Goals | undefined;
  #tries = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#selection = new Selection(options.candidates, options.assumed);
  }

  run(): SearchResult {
    const { candidates, wanted, before = [] } = this.#options;
    for (const chosen of before) this.#selection.add(chosen);
    const owners = wanted.flatMap((found): readonly Chosen[] =>
      this.#selection.isPresent(found) ? [] : [{ package: found, owner: undefined, level: 0 }],
    );
    const goals: Goal[] = [];
    for (const owner of owners) {
      const refusal = this.#refuse(owner.package, { levels: new Set(), isConditional: false });
      if (refusal !== undefined) return { goal: { kind: "want", owner }, refusals: [refusal] };
      goals.push(...this.#take(owner));
    }
    this.#goals = prepend(goals, undefined);
    for (let at = this.#goals; at !== undefined; at = this.#goals) {
      this.#goals = at.next;
      const found = findGoalOptions(at.goal, this.#selection, candidates);
      if (found === undefined) continue;
      const end = this.#settle(this.#open(at.goal, found));
      if (end !== undefined) return end;
    }
    return this.#selection;
  }

  #open(goal: Goal, options: readonly DebianPackage[]): Choice {
    const levels = new Set<number>();
    const brokenBy = goal.kind === "need" ? goal.brokenBy : undefined;
    addLevels(levels, brokenBy);
    let isConditional = brokenBy !== undefined;
    if (goal.kind === "need") {
      const displaced = new Set<number>();
      for (const upgrade of this.#selection.displacers(goal.need.group)) addLevels(displaced, upgrade);
      for (const level of displaced) levels.add(level);
      isConditional ||= displaced.size > 0;
    }
    return { goal, options, next: 0, rest: this.#goals, mark: this.#selection.chosen.length, refusals: [], levels, isConditional };
  }

  /** Takes an option of this choice or of an earlier one; returns the dead end when none is left. */
  #settle(first: Choice): DeadEnd | undefined {
    let failed = first;
    for (let end = this.#advance(failed); end !== undefined; end = this.#advance(failed)) {
      if (!failed.isConditional) this.#giveUp(failed.goal.owner, end);
      const hangsOn = new Set(failed.levels);
      addLevels(hangsOn, failed.goal.owner);
      const level = Math.max(0, ...hangsOn);
      const choice = this.#choices[level - 1];
      if (choice === undefined) return end;
      this.#choices.length = level - 1;
      this.#selection.undo(choice.mark);
      const tried = choice.options[choice.next - 1];
      if (tried !== undefined) choice.refusals.push({ kind: "dead-end", package: tried, end });
      for (const other of hangsOn) if (other !== level) choice.levels.add(other);
      choice.isConditional ||= failed.isConditional;
      failed = choice;
    }
    return undefined;
  }

  /** Takes the next option that nothing rejects. */
  #advance(choice: Choice): DeadEnd | undefined {
    while (choice.next < choice.options.length) {
      const found = choice.options[choice.next++];
      if (found === undefined) break;
      const refusal = this.#refuse(found, choice);
      if (refusal === undefined) {
        const isOpen = choice.options.length > 1;
        if (isOpen) this.#choices.push(choice);
        const chosen = { package: found, owner: choice.goal.owner };
        const goals = this.#take(
          isOpen ? { ...chosen, level: this.#choices.length } : { ...chosen, level: 0, grounds: new Set(choice.levels) },
        );
        this.#goals = prepend(goals, choice.rest);
        return undefined;
      }
      choice.refusals.push(refusal);
    }
    return { goal: choice.goal, refusals: choice.refusals };
  }

  /** Takes a package; returns the goals that this adds. */
  #take(chosen: Chosen): readonly Goal[] {
    const { candidates } = this.#options;
    const before = candidates.installed.get(chosen.package.name);
    const upgrades = before === chosen.package ? [] : findUpgrades(chosen, this.#selection, candidates);
    this.#selection.add(chosen);
    if (before === chosen.package) return [];
    const siblings = findSiblings(chosen, candidates);
    const broken = before === undefined ? [] : findBroken(chosen, before, this.#selection, candidates);
    const needs = chosen.package.needs.map((need): Goal => ({ kind: "need", owner: chosen, need }));
    return [...upgrades, ...siblings, ...broken, ...needs];
  }

  /** Why a package cannot be taken now; what that depends on is added to `ground`. */
  #refuse(found: DebianPackage, ground: Ground): Refusal | undefined {
    const { candidates, forbidden } = this.#options;
    this.#count();
    const installed = candidates.installed.get(found.name);
    const property = installed === found ? undefined : forbidden.get(found.name);
    if (property !== undefined) return { kind: "forbidden", package: found, property };
    const end = this.#hopeless.get(found);
    if (end !== undefined) return { kind: "dead-end", package: found, end };
    for (const { by, exclusion, other } of this.#selection.clashes(found)) {
      const isInstalled = candidates.installed.get(other.name) === other;
      // Where the archive has another version of it, upgrading to that one becomes a goal.
      if (isInstalled && candidates.candidate(other.name) !== other) continue;
      const culprit = new Set<number>();
      addLevels(culprit, this.#selection.choice(other.name));
      for (const level of culprit) ground.levels.add(level);
      ground.isConditional ||= culprit.size > 0;
      return { kind: "excluded", package: found, by, exclusion, other, isInstalled };
    }
    return undefined;
  }

  /** Marks it as never to be tried again, and the packages that had no other choice. */
  #giveUp(owner: Chosen, end: DeadEnd): void {
    for (let at: Chosen | undefined = owner; at !== undefined; at = at.owner) {
      this.#hopeless.set(at.package, end);
      if (at.level !== 0 || (at.grounds?.size ?? 0) > 0) return;
    }
  }

  #count(): void {
    const { maxTries, wanted } = this.#options;
    this.#tries += 1;
    if (this.#tries <= maxTries) return;
    throw new DhiError("limit", `${wanted.map(({ name }) => name).join(", ")}: no solution after trying ${maxTries} packages`, {
      origin: "packages",
      hint: "Request the alternatives that you want by name, so that fewer choices are left open",
    });
  }
}

function prepend(goals: readonly Goal[], rest: Goals | undefined): Goals | undefined {
  return goals.reduceRight<Goals | undefined>((next, goal) => ({ goal, next }), rest);
}
