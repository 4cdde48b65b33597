import { extendChain, type Chain } from "../../chain.js";
import type { DebianPackage, Exclusion, Need } from "./package.js";

/** A chosen package, and the package that it was chosen for. */
export interface Chosen {
  readonly package: DebianPackage;
  /** Undefined for a requested package. An installed package that an upgrade affects is an owner too. */
  readonly owner: Chosen | undefined;
  /** The number of the choice that took it; 0 where it had no alternative. */
  readonly level: number;
  /** Numbers of choices without which it might have had alternatives. */
  readonly grounds?: ReadonlySet<number>;
}

/** What a chosen package requires. */
export type Goal =
  | { readonly kind: "want"; readonly owner: Chosen }
  | {
      readonly kind: "need";
      readonly owner: Chosen;
      readonly need: Need;
      /** The upgrade that removed what met this before. */
      readonly brokenBy?: Chosen;
    }
  | { readonly kind: "upgrade"; readonly owner: Chosen; readonly installed: DebianPackage; readonly because: Because };

/** Why an installed package must change its version. */
export type Because =
  { readonly kind: "exclusion"; readonly by: DebianPackage; readonly exclusion: Exclusion } | { readonly kind: "sibling" };

/** Why a package was not taken. */
export type Refusal =
  | { readonly kind: "forbidden"; readonly package: DebianPackage; readonly property: string }
  | {
      readonly kind: "excluded";
      readonly package: DebianPackage;
      readonly by: DebianPackage;
      readonly exclusion: Exclusion;
      /** The other package of the two, and whether it is installed in the base. */
      readonly other: DebianPackage;
      readonly isInstalled: boolean;
    }
  | { readonly kind: "dead-end"; readonly package: DebianPackage; readonly end: DeadEnd };

/** A goal that nothing meets. */
export interface DeadEnd {
  readonly goal: Goal;
  readonly refusals: readonly Refusal[];
}

/** The requested package that led to this one. */
export function rootOf(chosen: Chosen): Chosen {
  let root = chosen;
  while (root.owner !== undefined) root = root.owner;
  return root;
}

/** Chains of chosen packages, each built once: a chain extends that of its owner. */
const chains = new WeakMap<Chosen, Chain>();

/** The chain from the requested package to this one. */
export function chainOf(chosen: Chosen): Chain {
  const open: Chosen[] = [];
  for (let at: Chosen | undefined = chosen; at !== undefined && !chains.has(at); at = at.owner) open.push(at);
  for (const one of open.reverse()) {
    chains.set(one, extendChain(one.owner === undefined ? undefined : chains.get(one.owner), one.package.name));
  }
  return chains.get(chosen) ?? extendChain(undefined, chosen.package.name);
}

/** Adds the numbers of all choices that a chosen package depends on to `levels`. */
export function addLevels(levels: Set<number>, chosen: Chosen | undefined): void {
  for (let at = chosen; at !== undefined; at = at.owner) {
    if (at.level !== 0) levels.add(at.level);
    for (const level of at.grounds ?? []) levels.add(level);
  }
}
