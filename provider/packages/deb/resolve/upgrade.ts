import { DhiError } from "../../../errors.js";
import { compareDebianVersions } from "../formats/version.js";
import type { DebianPackage } from "./package.js";
import { rootOf, type Chosen, type DeadEnd } from "./reason.js";
import { search, type SearchOptions } from "./search.js";
import { Selection } from "./selection.js";

/** Packages that may be kept back, each after a search of its own: more mean that the archive does not match the base. */
export const MAX_KEPT_BACK = 100;

/** A package of the base that stays, as its newer version cannot be installed without taking something away. */
export interface KeptBack {
  readonly installed: DebianPackage;
  readonly candidate: DebianPackage;
  readonly end: DeadEnd;
}

export interface Upgrade {
  /** The newer versions, and the new packages that they need. */
  readonly chosen: readonly Chosen[];
  /** Sorted by name. */
  readonly keptBack: readonly KeptBack[];
}

/**
 * What `apt-get upgrade --with-new-pkgs` would do: upgrades every installed package whose candidate is newer, adds what these need, removes
 * nothing, and keeps back what does not fit (apt 2.6, upgrade.cc, `pkgAllUpgradeNoDelete`). `may`: names that may be upgraded. Packages on
 * hold have no newer candidate. Throws `DhiError` "limit".
 */
export function upgradeInstalled(options: Omit<SearchOptions, "wanted" | "before">, may: (name: string) => boolean): Upgrade {
  const { candidates, forbidden } = options;
  const newer = [...candidates.installed.values()].flatMap((installed) => {
    const candidate = forbidden.has(installed.name) || !may(installed.name) ? undefined : candidates.candidate(installed.name);
    if (candidate === undefined || compareDebianVersions(candidate.version, installed.version) <= 0) return [];
    return [{ installed, candidate }];
  });
  const keptBack = new Map<DebianPackage, DeadEnd>();
  for (;;) {
    const wanted = newer.flatMap(({ candidate }) => (keptBack.has(candidate) ? [] : [candidate]));
    const found = search({ ...options, wanted });
    if (found instanceof Selection) {
      const kept = newer.flatMap((one) => {
        const end = found.isPresent(one.installed) ? keptBack.get(one.candidate) : undefined;
        return end === undefined ? [] : [{ ...one, end }];
      });
      return { chosen: found.chosen, keptBack: kept.toSorted((one, other) => (one.installed.name < other.installed.name ? -1 : 1)) };
    }
    keptBack.set(findCulprit(found, new Set(wanted)), found);
    if (keptBack.size > MAX_KEPT_BACK) throw tooMany();
  }
}

function tooMany(): DhiError {
  return new DhiError("limit", `more than ${String(MAX_KEPT_BACK)} packages of the base cannot be upgraded`, {
    origin: "packages",
    hint: "The archives do not match the base: name those of its release in packageSources, or remove upgradeInstalled",
  });
}

/** The upgrade that leads to a dead end: of two that exclude each other, the one that does not say so, as with apt. */
function findCulprit({ goal, refusals }: DeadEnd, wanted: ReadonlySet<DebianPackage>): DebianPackage {
  const [refusal] = refusals;
  if (goal.kind === "want" && refusal?.kind === "excluded" && refusal.by === goal.owner.package && wanted.has(refusal.other)) {
    return refusal.other;
  }
  return rootOf(goal.owner).package;
}
