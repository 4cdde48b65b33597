import { DhiError } from "../../../errors.js";
import { redact } from "../../../text/redaction.js";
import { compareDebianVersions } from "./version.js";

export type Relation = "<<" | "<=" | "=" | ">=" | ">>";

export interface VersionConstraint {
  readonly relation: Relation;
  readonly version: string;
}

/** One alternative of a dependency: `name:any (>= 1)`. */
export interface Dependency {
  readonly name: string;
  /** What follows the colon: `any`, `native` or an architecture. */
  readonly architecture?: string;
  readonly constraint?: VersionConstraint;
}

/** Alternatives, any of which is enough; the first is preferred. */
export type DependencyGroup = readonly Dependency[];

/** A name that a package provides, and in which version. */
export interface Provided {
  readonly name: string;
  readonly version?: string;
}

/** Characters of a dependency that an error quotes at most. */
const MAX_SHOWN = 200;

/** Deprecated forms mean "or equal" (deb-control(5)). */
const relations: Readonly<Record<string, Relation>> = { "<<": "<<", "<=": "<=", "=": "=", ">=": ">=", ">>": ">>", "<": "<=", ">": ">=" };

/**
 * A field such as Depends, Conflicts or Breaks, for a package of `architecture` (an alternative whose restriction in brackets
 * excludes it is dropped; build profiles are ignored). `what` names the field in errors. Throws `DhiError` "invalid".
 */
export function parseDependencies(text: string, what: string, architecture: string): readonly DependencyGroup[] {
  const groups: DependencyGroup[] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const group: Dependency[] = [];
    for (const item of part.split("|")) {
      const read = parseAlternative(item.trim());
      if (read === undefined) throw new DhiError("invalid", `${what}: ${shown(item.trim())} is not a valid dependency`);
      if (read.restriction === undefined || allows(read.restriction, architecture)) group.push(read.dependency);
    }
    if (group.length > 0) groups.push(group);
  }
  return groups;
}

/** `name:arch (relation version) [architectures] <profiles>` (deb-control(5), deb-src-control(5)), parsed from left to right. */
function parseAlternative(text: string): { readonly dependency: Dependency; readonly restriction: string | undefined } | undefined {
  const [whole, name, architecture] = /^([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([a-z0-9][a-z0-9-]*))?/.exec(text) ?? [];
  if (whole === undefined || name === undefined) return undefined;
  const version = takeEnclosed(text.slice(whole.length), "(", ")");
  const restriction = takeEnclosed(version.rest, "[", "]");
  let { rest } = restriction;
  while (rest.startsWith("<")) {
    const profile = takeEnclosed(rest, "<", ">");
    if (profile.inner === undefined) return undefined;
    rest = profile.rest;
  }
  const constraint = version.inner === undefined ? undefined : parseConstraint(version.inner);
  if (rest !== "" || (version.inner !== undefined && constraint === undefined)) return undefined;
  const qualifier = architecture === undefined ? {} : { architecture };
  return { dependency: { name, ...qualifier, ...(constraint === undefined ? {} : { constraint }) }, restriction: restriction.inner };
}

function parseConstraint(text: string): VersionConstraint | undefined {
  const [, relation = "", version] = /^(<<|<=|>=|>>|=|<|>)\s*([A-Za-z0-9.+:~-]+)$/.exec(text.trim()) ?? [];
  return version === undefined ? undefined : { relation: relations[relation] ?? "=", version };
}

/** What is between two brackets at the start of a text, and what follows; `inner` is undefined where the text does not start with one. */
function takeEnclosed(text: string, open: string, close: string): { readonly inner: string | undefined; readonly rest: string } {
  const own = text.trimStart();
  const end = own.startsWith(open) ? own.indexOf(close) : -1;
  return end < 0 ? { inner: undefined, rest: own } : { inner: own.slice(1, end), rest: own.slice(end + 1).trimStart() };
}

function shown(text: string): string {
  const clean = redact(text);
  return clean.length > MAX_SHOWN ? `${JSON.stringify(clean.slice(0, MAX_SHOWN))}…` : JSON.stringify(clean);
}

/** The field Provides. Throws `DhiError` "invalid"; a version of it can only be exact. */
export function parseProvides(text: string, what: string): readonly Provided[] {
  return parseDependencies(text, what, "any").map((group) => {
    const [first, ...others] = group;
    if (first === undefined || others.length > 0) throw new DhiError("invalid", `${what}: alternatives cannot be provided`);
    const { name, constraint } = first;
    if (constraint === undefined) return { name };
    if (constraint.relation !== "=") throw new DhiError("invalid", `${what}: ${name} (${constraint.relation} …) is not an exact version`);
    return { name, version: constraint.version };
  });
}

/** Whether `version` satisfies `constraint`. `undefined`, a name provided without a version, satisfies none. */
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

/** `[amd64 arm64]` or `[!i386]`; `any` and `linux-any` match every supported architecture. */
function allows(restriction: string, architecture: string): boolean {
  const items = restriction.trim().split(/\s+/);
  const matches = (item: string): boolean =>
    [architecture, "any", "linux-any", `any-${architecture}`, `linux-${architecture}`].includes(item);
  const negated = items.some((item) => item.startsWith("!"));
  return negated ? !items.some((item) => matches(item.replace(/^!/, ""))) : items.some(matches);
}
