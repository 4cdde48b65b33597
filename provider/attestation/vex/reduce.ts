import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { newerClaim, type Claim } from "./claim.js";
import type { VexDocument } from "./document.js";
import { NamedPackages, namedPackages, type VexPackage } from "./names-package.js";

/** What is claimed of one package of an image. */
export interface HeldClaim {
  readonly package: VexPackage;
  readonly claim: Claim;
}

/** Most claims about the packages of one platform: a statement about a source package counts for each package that was made of it. */
export const MAX_HELD_CLAIMS = 100_000;

/**
 * What the documents of a base still say: the newest claim for each vulnerability and package that is in the image unchanged. `images`: the digests of
 * the base, where the documents are attached to it. Throws `DhiError` "limit".
 */
export function reduceVex(
  documents: readonly VexDocument[],
  packages: readonly VexPackage[],
  images: readonly Digest[] = [],
): readonly HeldClaim[] {
  const candidates = byName(packages.filter(({ origin }) => origin === "base"));
  const held = new Map<VexPackage, Map<string, Claim>>();
  let count = 0;
  for (const statement of documents.flatMap(({ statements }) => statements)) {
    const { products: _, ...claim } = statement;
    const named = namedPackages(statement, images);
    const packagesNamed = new NamedPackages(named);
    const meant = new Set(named.flatMap(({ name }) => candidates.get(name) ?? []));
    for (const present of meant) {
      if (!packagesNamed.has(present)) continue;
      const claims = held.get(present) ?? new Map<string, Claim>();
      held.set(present, claims);
      const known = claims.get(claim.vulnerability.name);
      if (known === undefined && ++count > MAX_HELD_CLAIMS) throw tooMany();
      claims.set(claim.vulnerability.name, known === undefined ? claim : newerClaim(known, claim));
    }
  }
  return [...held].flatMap(([present, claims]) => [...claims.values()].map((claim) => ({ package: present, claim })));
}

function byName(packages: readonly VexPackage[]): ReadonlyMap<string, readonly VexPackage[]> {
  const found = new Map<string, VexPackage[]>();
  for (const present of packages) {
    for (const name of new Set([present.name, present.source?.name ?? present.name]))
      found.set(name, [...(found.get(name) ?? []), present]);
  }
  return found;
}

function tooMany(): DhiError {
  return new DhiError("limit", `the VEX of the base makes more than ${MAX_HELD_CLAIMS.toLocaleString("en-US")} claims about its packages`, {
    hint: "Give a shorter document in vex.source",
  });
}
