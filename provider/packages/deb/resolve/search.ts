import { DhiError } from "../../../errors.js";
import type { Candidates } from "./candidates.js";
import { findBroken, findGoalOptions, findSiblings, findUpgrades } from "./goals.js";
import type { DebianPackage } from "./package.js";
import { addLevels, type Chosen, type DeadEnd, type Goal, type Refusal } from "./reason.js";
import { Selection } from "./selection.js";

export interface SearchOptions {
  readonly candidates: Candidates;
  readonly wanted: readonly DebianPackage[];
  /** Names that must not come in, with the property that says so. */
  readonly forbidden: ReadonlyMap<string, string>;
  /** Names that meet every dependency on them. */
  readonly assumed: ReadonlySet<string>;
  /** How many packages may be tried before it is given up. */
  readonly maxTries: number;
}

/** What was chosen, or what cannot be met. */
export type SearchResult = Selection | DeadEnd;

interface Goals {
  readonly goal: Goal;
  readonly next: Goals | undefined;
}

/** What refusals hang on beside those that want the goal. */
interface Ground {
  /** Numbers of choices. */
  readonly levels: Set<number>;
  /** Whether anything had a part in it that another choice would take away. */
  isConditional: boolean;
}

/** A goal and its options, of which one is taken for now. */
interface Choice extends Ground {
  readonly goal: Goal;
  readonly options: readonly DebianPackage[];
  /** Of the option that is tried after the present one. */
  next: number;
  /** What else is to be seen to. */
  readonly rest: Goals | undefined;
  /** How many were chosen before. */
  readonly mark: number;
  readonly refusals: Refusal[];
}

/**
 * Depth first in apt's order, going back from a dead end to the latest choice that it hangs on. A package that came to a dead end on its
 * own account is not tried again. Throws `DhiError` "limit".
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
    const { candidates, wanted } = this.#options;
    const owners = wanted.map((found): Chosen => ({ package: found, owner: undefined, level: 0 }));
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

  /** Takes an option, of this choice or of an earlier one; the dead end that is left when there is none. */
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

  /** Takes the next option that nothing refuses. */
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

  /** Takes a package; what has to be seen to then. */
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

  /** Why a package cannot be taken as things stand; what that hangs on goes into `ground`. */
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
      // Where the archive has another version of it, getting that one becomes a goal.
      if (isInstalled && candidates.candidate(other.name) !== other) continue;
      const culprit = new Set<number>();
      addLevels(culprit, this.#selection.choice(other.name));
      for (const level of culprit) ground.levels.add(level);
      ground.isConditional ||= culprit.size > 0;
      return { kind: "excluded", package: found, by, exclusion, other, isInstalled };
    }
    return undefined;
  }

  /** Nobody need try this one again, nor those who had no other choice than it. */
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
      hint: "Name those that you want among alternatives, so that less is left open",
    });
  }
}

function prepend(goals: readonly Goal[], rest: Goals | undefined): Goals | undefined {
  return goals.reduceRight<Goals | undefined>((next, goal) => ({ goal, next }), rest);
}
