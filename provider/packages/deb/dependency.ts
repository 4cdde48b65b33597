import { DhiError } from "../../errors.js";
import { compareDebianVersions } from "./version.js";

export type Relation = "<<" | "<=" | "=" | ">=" | ">>";

export interface VersionConstraint {
  readonly relation: Relation;
  readonly version: string;
}

/** One alternative of a dependency: `name:any (>= 1)`. */
export interface Dependency {
  readonly name: string;
  /** What stands behind the colon: `any`, `native` or an architecture. */
  readonly architecture?: string;
  readonly constraint?: VersionConstraint;
}

/** Alternatives, of which one is enough; the first is preferred. */
export type DependencyGroup = readonly Dependency[];

/** A name that a package stands for, and in which version. */
export interface Provided {
  readonly name: string;
  readonly version?: string;
}

/** name, :arch, (relation version), [architectures], <profiles> (deb-control(5), deb-src-control(5)). */
const alternative =
  /^\s*([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([a-z0-9][a-z0-9-]*))?\s*(?:\(\s*(<<|<=|>=|>>|=|<|>)\s*([A-Za-z0-9.+:~-]+)\s*\))?\s*(?:\[([^\]]*)\])?\s*(?:<[^>]*>\s*)*$/;

/** Deprecated forms mean "or equal" (deb-control(5)). */
const relations: Readonly<Record<string, Relation>> = { "<<": "<<", "<=": "<=", "=": "=", ">=": ">=", ">>": ">>", "<": "<=", ">": ">=" };

/**
 * A field such as Depends, Conflicts or Breaks, for a package of `architecture` (restrictions in brackets that leave it out make an
 * alternative vanish; build profiles are not looked at). `what` names the field in errors. Throws `invalid`.
 */
export function parseDependencies(text: string, what: string, architecture: string): readonly DependencyGroup[] {
  const groups: DependencyGroup[] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const group: Dependency[] = [];
    for (const item of part.split("|")) {
      const [, name, qualifier, relation, version, restriction] = alternative.exec(item) ?? [];
      if (name === undefined) throw new DhiError("invalid", `${what}: ${JSON.stringify(item.trim())} is no dependency`);
      if (restriction !== undefined && !allows(restriction, architecture)) continue;
      group.push({
        name,
        ...(qualifier === undefined ? {} : { architecture: qualifier }),
        ...(relation === undefined || version === undefined ? {} : { constraint: { relation: relations[relation] ?? "=", version } }),
      });
    }
    if (group.length > 0) groups.push(group);
  }
  return groups;
}

/** The field Provides. Throws `invalid`; a version of it can only be exact. */
export function parseProvides(text: string, what: string): readonly Provided[] {
  return parseDependencies(text, what, "any").map((group) => {
    const [first, ...others] = group;
    if (first === undefined || others.length > 0) throw new DhiError("invalid", `${what}: alternatives cannot be provided`);
    const { name, constraint } = first;
    if (constraint === undefined) return { name };
    if (constraint.relation !== "=") throw new DhiError("invalid", `${what}: ${name} (${constraint.relation} …) is no exact version`);
    return { name, version: constraint.version };
  });
}

/** Whether `version` is within `constraint`. A name provided without a version satisfies no constraint: `undefined` then. */
export function satisfies(version: string | undefined, constraint: VersionConstraint | undefined): boolean {
  if (constraint === undefined) return true;
  if (version === undefined) return false;
  const order = compareDebianVersions(version, constraint.version);
  switch (constraint.relation) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
  }
}

/** As it is written: `libc6:any (>= 2.36)`. */
export function formatDependency({ name, architecture, constraint }: Dependency): string {
  const qualifier = architecture === undefined ? "" : `:${architecture}`;
  return `${name}${qualifier}${constraint === undefined ? "" : ` (${constraint.relation} ${constraint.version})`}`;
}

/** `[amd64 arm64]` or `[!i386]`; `any` and `linux-any` are all of ours. */
function allows(restriction: string, architecture: string): boolean {
  const items = restriction.trim().split(/\s+/);
  const matches = (item: string): boolean =>
    [architecture, "any", "linux-any", `any-${architecture}`, `linux-${architecture}`].includes(item);
  const negated = items.some((item) => item.startsWith("!"));
  return negated ? !items.some((item) => matches(item.replace(/^!/, ""))) : items.some(matches);
}
