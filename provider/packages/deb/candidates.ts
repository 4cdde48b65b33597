import type { PackageSource } from "../packages.js";
import { parseParagraph } from "./control.js";
import { readPackage, type DebianPackage } from "./resolve-package.js";
import { compareDebianVersions } from "./version.js";

/** What the resolver asks of a package index. */
export interface PackageLookup {
  /** Every name in it, in any order, repeats allowed. */
  names(): Iterable<string>;
  /** The stanzas of a name, in the file's order; bytes as latin1. */
  stanzas(name: string): readonly string[];
  /** The stanzas whose Provides field has `name`, in the file's order. */
  providers(name: string): readonly string[];
}

/** A package index, and where it came from. */
export interface Archive {
  readonly index: PackageLookup;
  readonly source: PackageSource;
  /** apt_preferences(5): 500; 990 for the target release; 100 with NotAutomatic and ButAutomaticUpgrades (backports); 1 with NotAutomatic. */
  readonly priority: number;
}

/** Every package that there is, and for each name the one that would be taken. Remembers what it parsed. */
export interface Candidates {
  readonly architecture: string;
  readonly installed: ReadonlyMap<string, DebianPackage>;
  /** The installed package itself where no archive has a better one; undefined where there is none. */
  candidate(name: string): DebianPackage | undefined;
  /** Of the archives, highest first, one for each version. */
  versions(name: string): readonly DebianPackage[];
  /** Installed packages and candidates that provide `name`, installed ones first. */
  providers(name: string): readonly DebianPackage[];
  names(): Iterable<string>;
}

/** Priority of what the base has (apt_preferences(5), "The APT Priority of installed versions"). */
const ofInstalled = 100;
/** From here on an older version replaces a newer one. */
const downgrades = 1000;

/** The default priority of an archive by its Release file (apt_preferences(5)). */
export function defaultPriority(release: {
  readonly notAutomatic?: boolean | undefined;
  readonly butAutomaticUpgrades?: boolean | undefined;
  readonly isTarget?: boolean | undefined;
}): number {
  if (release.isTarget === true) return 990;
  if (release.notAutomatic !== true) return 500;
  return release.butAutomaticUpgrades === true ? 100 : 1;
}

/** `pins`: versions that were asked for, by name; they are the candidates whatever their priority. */
export function gatherCandidates(options: {
  readonly installed: readonly DebianPackage[];
  readonly archives: readonly Archive[];
  readonly architecture: string;
  readonly pins?: ReadonlyMap<string, string>;
}): Candidates {
  const { archives, architecture, pins = new Map<string, string>() } = options;
  const installed = new Map(options.installed.map((found) => [found.name, found]));
  const parse = remember((key: string): DebianPackage => {
    const at = key.indexOf("\n");
    const archive = archives[Number(key.slice(0, at))];
    const stanza = key.slice(at + 1);
    const fields = parseParagraph(stanza, "a package index");
    return readPackage(fields, architecture, archive && { source: archive.source, priority: archive.priority, stanza });
  });
  const fits = ({ architecture: own }: DebianPackage): boolean => own === architecture || own === "all";
  const read = (stanzasOf: (index: PackageLookup) => readonly string[]): readonly DebianPackage[] =>
    archives.flatMap(({ index }, at) => stanzasOf(index).map((stanza) => parse(`${at}\n${stanza}`))).filter(fits);

  const versions = remember((name: string): readonly DebianPackage[] => {
    const sorted = read((index) => index.stanzas(name)).toSorted(
      (a, b) => compareDebianVersions(b.version, a.version) || priorityOf(b) - priorityOf(a),
    );
    return sorted.filter((found, at) => found.version !== sorted[at - 1]?.version);
  });
  const candidate = remember((name: string): DebianPackage | undefined => {
    const current = installed.get(name);
    const pin = pins.get(name);
    if (pin !== undefined && pin !== current?.version) return versions(name).find(({ version }) => version === pin);
    return pin === undefined ? pickCandidate(versions(name), current) : current;
  });
  const installedProviders = groupByProvided(options.installed);
  const providers = remember((name: string): readonly DebianPackage[] => {
    const present = installedProviders.get(name) ?? [];
    const found = read((index) => index.providers(name)).filter((one) => candidate(one.name) === one);
    return [...present, ...found];
  });
  return { architecture, installed, candidate, versions, providers, names: () => namesOf(archives) };
}

/** What decides between versions of one name. */
export interface Weighed {
  readonly version: string;
  readonly archive?: { readonly priority: number } | undefined;
}

/** Highest priority wins, then highest version; never older than what is installed, but for priorities from 1000 on. */
export function pickCandidate<T extends Weighed>(versions: readonly T[], current: T | undefined): T | undefined {
  let best: T | undefined;
  let bestPriority = 0;
  const present = current !== undefined && !versions.some(({ version }) => version === current.version) ? [current] : [];
  for (const found of [...present, ...versions].toSorted((a, b) => compareDebianVersions(b.version, a.version))) {
    const isCurrent = found.version === current?.version;
    const priority = Math.max(priorityOf(found), isCurrent ? ofInstalled : 0);
    if (priority <= bestPriority) continue;
    if (current !== undefined && priority < downgrades && compareDebianVersions(found.version, current.version) < 0) continue;
    bestPriority = priority;
    best = isCurrent ? current : found;
  }
  return best;
}

function priorityOf(found: Weighed): number {
  return found.archive?.priority ?? 0;
}

function groupByProvided(installed: readonly DebianPackage[]): ReadonlyMap<string, readonly DebianPackage[]> {
  const byName = new Map<string, DebianPackage[]>();
  for (const found of installed) {
    for (const name of new Set(found.provides.map((provided) => provided.name))) {
      const list = byName.get(name);
      if (list === undefined) byName.set(name, [found]);
      else list.push(found);
    }
  }
  return byName;
}

function* namesOf(archives: readonly Archive[]): Iterable<string> {
  for (const { index } of archives) yield* index.names();
}

function remember<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined || made.has(key)) return known as T;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
