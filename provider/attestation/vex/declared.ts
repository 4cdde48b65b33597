import { isAboutVulnerability, type Claim, type VexJustification, type VexStatus } from "./claim.js";
import type { VexPackage } from "./names-package.js";
import type { HeldClaim } from "./reduce.js";

/** A statement that the user makes: `vex.statements`. */
export interface DeclaredVex {
  readonly vulnerability: string;
  /** A package of the image, in any version or in one; or a package URL of what is not a package of the system. Undefined: the image as a whole. */
  readonly package?: DeclaredVexPackage | undefined;
  readonly status: VexStatus;
  readonly justification?: VexJustification | undefined;
  readonly statement?: string | undefined;
  /** When it stops to hold, in milliseconds since 1970. */
  readonly until?: number | undefined;
}

export type DeclaredVexPackage = { readonly name: string; readonly version?: string | undefined } | { readonly purl: string };

/** What a statement says, in the fields that OpenVEX has for it: a claim has either a justification or an impact statement. */
export function claimOf({ vulnerability, status, justification, statement }: DeclaredVex): Claim {
  const words =
    status === "affected"
      ? { action: statement }
      : status === "not_affected" && justification === undefined
        ? { impact: statement }
        : { notes: statement };
  return { vulnerability: { name: vulnerability, aliases: [] }, status, justification, ...words };
}

/** The packages of one platform that a statement is about: by their own name, or where there is no such package by that of their source. */
export function meantPackages(declared: DeclaredVexPackage, packages: readonly VexPackage[]): readonly VexPackage[] {
  if ("purl" in declared) return [];
  const own = packages.filter(({ name }) => name === declared.name);
  const named = own.length > 0 ? own : packages.filter(({ source }) => source?.name === declared.name);
  const versionOf = (present: VexPackage): string => (own.length > 0 ? present.version : (present.source?.version ?? present.version));
  return declared.version === undefined ? named : named.filter((present) => versionOf(present) === declared.version);
}

/** The claims of the base without those that the user answers differently, and the user's own about packages. */
export function mergeVex(
  held: readonly HeldClaim[],
  declared: readonly DeclaredVex[],
  packages: readonly VexPackage[],
): readonly HeldClaim[] {
  const own = declared.flatMap((item) =>
    item.package === undefined ? [] : meantPackages(item.package, packages).map((present) => ({ package: present, claim: claimOf(item) })),
  );
  const everywhere = declared.filter((item) => item.package === undefined);
  const isAnswered = ({ package: present, claim }: HeldClaim): boolean =>
    everywhere.some(({ vulnerability }) => isAboutVulnerability(claim, vulnerability)) ||
    own.some((other) => other.package === present && isAboutVulnerability(claim, other.claim.vulnerability.name));
  return [...held.filter((item) => !isAnswered(item)), ...own];
}
