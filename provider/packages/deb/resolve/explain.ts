import { DhiError } from "../../../errors.js";
import type { Candidates } from "./candidates.js";
import { formatDependency, satisfies, type Dependency, type DependencyGroup } from "../formats/dependency.js";
import type { DebianPackage, Exclusion } from "./package.js";
import { extendChain, formatChain, type Chain } from "../../chain.js";
import type { KeptBack } from "./upgrade.js";
import { rootOf, type Chosen, type DeadEnd, type Goal, type Refusal } from "./reason.js";

/** How many levels of dead ends an error shows, and how many items of each. */
const maxDepth = 3;
const maxItems = 6;

/** A dead end as an error: which package needs what, and why each candidate does not fit. */
export function explainDeadEnd(end: DeadEnd, candidates: Candidates, property: string | undefined): DhiError {
  const what = end.goal.kind === "want" ? "" : `${rootOf(end.goal.owner).package.name} cannot be added: `;
  return new DhiError("conflict", `${what}${describeEnd(end, candidates, undefined, 0)}`, {
    origin: "packages",
    property,
    hint: "Request another version, name an alternative that fits, or list in assumeInstalled what the image does not need",
  });
}

/** A notice's text about a package of the base that is not upgraded. */
export function explainKeptBack({ installed, candidate, end }: KeptBack, candidates: Candidates): string {
  return `${installed.name} of the base stays at ${installed.version} rather than ${candidate.version}: ${describeEnd(end, candidates, undefined, 0)}`;
}

/** `above`: the package whose rejection this explains; the chain starts there. */
function describeEnd(end: DeadEnd, candidates: Candidates, above: DebianPackage | undefined, depth: number): string {
  const { goal, refusals } = end;
  if (goal.kind === "want") return refusals.map((refusal) => describeRefusal(refusal, candidates, depth)).join("; ");
  const start = describeNeed(goal, above);
  const absent = goal.kind === "need" ? describeAbsent(goal.need.group, refusals, candidates) : [];
  const shown = [
    ...refusals.slice(0, maxItems).map((refusal) => describeRefusal(refusal, candidates, depth)),
    ...absent.slice(0, maxItems),
  ];
  const hidden = refusals.length + absent.length - shown.length;
  return `${start}, but ${[...shown, ...(hidden > 0 ? [`${hidden} more do not fit`] : [])].join("; ")}`;
}

function describeChain(owner: Chosen, above: DebianPackage | undefined): string {
  const links: Chosen[] = [];
  for (let at: Chosen | undefined = owner; at !== undefined; at = at.package === above ? undefined : at.owner) links.push(at);
  const chain = links.slice(1).reduceRight<Chain | undefined>((before, one) => extendChain(before, one.package.name), undefined);
  return `${chain === undefined ? "" : `${formatChain(chain)} -> `}${describePackage(owner.package)}`;
}

/** Which package needs what. */
function describeNeed(goal: Exclude<Goal, { kind: "want" }>, above: DebianPackage | undefined): string {
  const chain = describeChain(goal.owner, above);
  if (goal.kind === "need") {
    const { owner, need, brokenBy } = goal;
    const what = need.group.map(formatDependency).join(" | ");
    if (brokenBy === undefined) return `${chain} needs ${what}`;
    if (owner.package.archive !== undefined) return `${chain} needs ${what} (which ${describePackage(brokenBy.package)} no longer is)`;
    return `${describeChain(brokenBy, above)} leaves ${describePackage(owner.package)} of the base without ${what}`;
  }
  const { installed, because } = goal;
  if (because.kind === "sibling") return `${chain} requires another version of ${installed.name}, from the same source`;
  return `${chain} cannot be installed with ${describePackage(installed)} of the base, as ${describeExclusion(because.by, because.exclusion)}`;
}

function describeRefusal(refusal: Refusal, candidates: Candidates, depth: number): string {
  const found = describePackage(refusal.package);
  switch (refusal.kind) {
    case "forbidden":
      return `${found} is forbidden by ${refusal.property}`;
    case "excluded": {
      const where = refusal.isInstalled ? "is in the base" : "is to be added";
      return `${found} cannot be installed with ${describePackage(refusal.other)}, which ${where}, as ${describeExclusion(refusal.by, refusal.exclusion)}`;
    }
    case "dead-end":
      return depth >= maxDepth ? `${found} cannot be added` : describeEnd(refusal.end, candidates, refusal.package, depth + 1);
  }
}

function describeExclusion(by: DebianPackage, exclusion: Exclusion): string {
  return `${by.name} ${exclusion.field === "Breaks" ? "breaks" : "conflicts with"} ${formatDependency(exclusion.dependency)}`;
}

/** Alternatives without any candidate: unknown names, and versions that do not fit. */
function describeAbsent(group: DependencyGroup, refusals: readonly Refusal[], candidates: Candidates): readonly string[] {
  const tried = new Set(refusals.map((refusal) => refusal.package.name));
  return group.filter(({ name }) => !tried.has(name)).flatMap((dependency) => describeMissing(dependency, tried, candidates));
}

function describeMissing(dependency: Dependency, tried: ReadonlySet<string>, candidates: Candidates): readonly string[] {
  const { name } = dependency;
  const candidate = candidates.candidate(name);
  if (candidate !== undefined) return [describeCandidate(dependency, candidate, candidates)];
  if (candidates.providers(name).some((provider) => tried.has(provider.name))) return [];
  const providers = candidates.providers(name).map(describePackage);
  const [unreadable] = candidates.unreadable(name);
  if (providers.length === 0) return [unreadable === undefined ? `no archive has ${name}` : `${name} cannot be read: ${unreadable}`];
  return [`${name} is not provided in such a version (only by ${providers.slice(0, maxItems).join(", ")})`];
}

/** Why the candidate of a name does not meet a dependency. */
function describeCandidate({ name, architecture, constraint }: Dependency, candidate: DebianPackage, candidates: Candidates): string {
  const found = describePackage(candidate);
  if (satisfies(candidate.version, constraint)) {
    return architecture === "any" ? `${found} is not Multi-Arch: allowed` : `${found} is for ${candidates.architecture}`;
  }
  const other = candidates.versions(name).find(({ version }) => satisfies(version, constraint));
  const not = other === undefined ? "" : `, not ${other.version}`;
  if (candidates.installed.get(name) === candidate) return `the base has ${found}${candidate.held ? ", on hold" : ""}${not}`;
  if (candidates.isPinned(name)) return `${found} is requested${not}`;
  const isLast = other?.archive !== undefined && other.archive.priority < (candidate.archive?.priority ?? 0);
  const how = isLast ? `, which is only used where it is requested (${name}=${other.version})` : "";
  return `the candidate is ${found}${not}${how}`;
}

function describePackage({ name, version }: DebianPackage): string {
  return `${name} ${version}`;
}
