import { formatPurl, versionedPurl } from "../purl.js";
import { newerClaim, type Claim } from "./claim.js";
import type { VexPackage } from "./names-package.js";
import type { HeldClaim } from "./reduce.js";

/** A claim, and the packages that it is about as a document names them. */
export interface NamedClaim {
  readonly claim: Claim;
  readonly packages: readonly NamedPackage[];
}

export interface NamedPackage {
  /** Its package URLs: more than one where scanners differ in how they write it. */
  readonly purls: readonly [string, ...string[]];
  /** The first of them without qualifiers. */
  readonly plain: string;
}

/**
 * Names the packages that claims are about, without a distribution: scanners write it with the point release, which matches no other. `packages`: all
 * that the subject has, which may be several platforms. Where another one has the same name and version but not the claim, the architecture is added;
 * where that does not tell them apart either, the claim is left out.
 */
export function nameClaims(packages: readonly VexPackage[], held: readonly HeldClaim[]): readonly NamedClaim[] {
  const present = groupBy(packages, versionedPurl);
  const claims = groupBy(held, ({ package: { type, namespace, name, version }, claim }) =>
    JSON.stringify([claim.vulnerability.name, type, namespace, name, version]),
  );
  const named = [...claims.values()].flatMap((group) => {
    const byPackage = new Map(group.map((item) => [item.package, item.claim]));
    const [first] = byPackage.keys();
    if (first === undefined) return [];
    const same = present.get(versionedPurl(first)) ?? [];
    const claim = agreed(same, byPackage);
    if (claim !== undefined) return [{ claim, package: describe(first, undefined) }];
    return [...groupBy(same, ({ architecture }) => architecture)].flatMap(([architecture, some]) => {
      const theirs = agreed(some, byPackage);
      return theirs === undefined ? [] : [{ claim: theirs, package: describe(first, architecture) }];
    });
  });
  return [...groupBy(named, ({ claim }) => JSON.stringify(sortedFields(claim)))].map(([, group]) => ({
    claim: group[0].claim,
    packages: group.map((item) => item.package).sort((one, other) => (one.purls[0] < other.purls[0] ? -1 : 1)),
  }));
}

/** What is claimed of all of them alike, in the words of the newest. */
function agreed(packages: readonly VexPackage[], claims: ReadonlyMap<VexPackage, Claim>): Claim | undefined {
  const all = packages.map((present) => claims.get(present));
  const known = all.filter((claim) => claim !== undefined);
  if (known.length < all.length || new Set(known.map(({ status }) => status)).size > 1) return undefined;
  return known.reduce<Claim | undefined>((newest, claim) => (newest === undefined ? claim : newerClaim(newest, claim)), undefined);
}

/** Some scanners have the epoch of a Debian version in the version, others as a qualifier. */
function describe(present: VexPackage, arch: string | undefined): NamedPackage {
  const [, epoch, rest] = /^(\d+):(.*)$/s.exec(present.version) ?? [];
  const full = formatPurl(present, { arch });
  const plain = versionedPurl(present);
  if (present.type !== "deb" || rest === undefined) return { purls: [full], plain };
  return { purls: [full, formatPurl({ ...present, version: rest }, { arch, epoch })], plain };
}

function sortedFields(claim: Claim): object {
  return Object.fromEntries(Object.entries(claim).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known === undefined) groups.set(keyOf(item), [item]);
    else known.push(item);
  }
  return groups;
}
