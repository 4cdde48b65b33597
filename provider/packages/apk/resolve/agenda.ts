import { DhiError } from "../../../errors.js";
import type { NameNode } from "./node.js";

/** Names to consider again, and names that are still open; counts the work. */
export class Agenda {
  readonly #dirty = new Set<NameNode>();
  /** With the sequence number at which each was opened. */
  readonly #open = new Map<NameNode, number>();
  readonly #certain = new Set<NameNode>();
  #left: number;
  #opened = 0;

  constructor(maxSteps: number) {
    this.#left = maxSteps;
  }

  /** Throws `DhiError` "limit" after more steps than any real archive needs. */
  count(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) {
      throw new DhiError("limit", "these packages have too many dependencies to be resolved", {
        origin: "packages",
        hint: "Request fewer packages at once, or check that packageSources names the right archives",
      });
    }
  }

  /** Queued once, in the order in which names first changed. */
  markDirty(name: NameNode): void {
    if (name.chosen !== undefined || (name.requirers === 0 && !name.mustCheckTriggers)) return;
    this.#dirty.add(name);
  }

  /** A name is open when something requires it or `install_if` brings it in; to be called whenever that, or its options, may have changed. */
  markOpen(name: NameNode): void {
    if (name.chosen !== undefined) return;
    const isWanted = name.requirers > 0 || name.hasTriggered;
    if (!isWanted) this.#open.delete(name);
    else if (!this.#open.has(name)) this.#open.set(name, this.#opened++);
    if (isWanted && name.areDependentsSettled && name.requirers > 0 && !name.hasOptions) this.#certain.add(name);
    else this.#certain.delete(name);
  }

  settle(name: NameNode): void {
    this.#dirty.delete(name);
    this.#open.delete(name);
    this.#certain.delete(name);
  }

  nextDirty(): NameNode | undefined {
    const [first] = this.#dirty;
    if (first !== undefined) this.#dirty.delete(first);
    return first;
  }

  /**
   * The name to settle next (apk-tools 2.14): the last opened of those with a single option, once everything that could constrain it is
   * settled. Else requested names, then names of packages before provided ones, the deepest, the required; among equals the last opened.
   */
  nextOpen(): NameNode | undefined {
    return (
      this.#best(this.#certain, (one, other) => (this.#open.get(one) ?? 0) > (this.#open.get(other) ?? 0)) ??
      this.#best(this.#open.keys(), comesBefore)
    );
  }

  #best(names: Iterable<NameNode>, isBetter: (one: NameNode, other: NameNode) => boolean): NameNode | undefined {
    let best: NameNode | undefined;
    for (const name of names) {
      this.count();
      if (best === undefined || isBetter(name, best)) best = name;
    }
    return best;
  }
}

/** True for equals too. */
function comesBefore(one: NameNode, other: NameNode): boolean {
  if (one.isAsked !== other.isAsked) return one.isAsked;
  if (one.virtuality !== other.virtuality) return one.virtuality < other.virtuality;
  if (one.depth !== other.depth) return one.depth > other.depth;
  return one.requirers > 0 || other.requirers === 0;
}
