import { DhiError } from "../../../errors.js";
import type { PackageSource } from "../../packages.js";
import { parseParagraph } from "../formats/control.js";
import { readPackage, type DebianPackage } from "./package.js";
import { compareDebianVersions, withoutRebuild } from "../formats/version.js";

/** What the resolver needs from a package index. */
export interface PackageLookup {
  /** Every name in it, in any order, repeats allowed. */
  names(): Iterable<string>;
  /** The stanzas of a name, in the file's order; bytes as latin1. */
  stanzas(name: string): readonly string[];
  /** The stanzas whose Provides field has `name`, in the file's order. */
  providers(name: string): readonly string[];
  /** Where the index first mentions a name, as a number below 2^44 that grows along the file; undefined where it does not. */
  mention(name: string): number | undefined;
}

/** A package index and the source that it came from. */
export interface Archive {
  readonly index: PackageLookup;
  readonly source: PackageSource;
  /** apt_preferences(5): 500; 990 for the target release; 100 with NotAutomatic and ButAutomaticUpgrades (backports); 1 with NotAutomatic. */
  readonly priority: number;
}

/** All known packages, and for each name the candidate. Caches what it parsed. */
export interface Candidates {
  readonly architecture: string;
  readonly installed: ReadonlyMap<string, DebianPackage>;
  /** The installed package itself where no archive has a better one; undefined without either. */
  candidate(name: string): DebianPackage | undefined;
  /** Whether a version of it was requested. */
  isPinned(name: string): boolean;
  /** The archives' versions, highest first, one package for each. */
  versions(name: string): readonly DebianPackage[];
  /** Installed packages and candidates that provide `name`, installed ones first. */
  providers(name: string): readonly DebianPackage[];
  names(): Iterable<string>;
  /** Why stanzas of `name` cannot be parsed: they are ignored, so that one bad stanza does not make an archive unusable. */
  unreadable(name: string): readonly string[];
  /** Grows with the place where the archives, in order, first mention a name. */
  mention(name: string): number;
}

/** Priority of installed packages (apt_preferences(5), "The APT Priority of installed versions"). */
const ofInstalled = 100;

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

/**
 * `pins`: requested versions by name; they are the candidates whatever their priority. Where the exact version does not exist, another
 * binary rebuild of it is used: `1.2-3+b1` for `1.2-3`, as architectures are rebuilt one by one.
 */
export function gatherCandidates(options: {
  readonly installed: readonly DebianPackage[];
  readonly archives: readonly Archive[];
  readonly architecture: string;
  readonly pins?: ReadonlyMap<string, string>;
}): Candidates {
  const { archives, architecture, pins = new Map<string, string>() } = options;
  const installed = new Map(options.installed.map((found) => [found.name, found]));
  const unreadable = new Map<string, string[]>();
  const note = (name: string, thrown: unknown): readonly [] => {
    if (!(thrown instanceof DhiError)) throw thrown;
    const known = unreadable.get(name) ?? [];
    if (!known.includes(thrown.message)) unreadable.set(name, [...known, thrown.message]);
    return [];
  };
  const parse = remember((key: string): readonly DebianPackage[] => {
    const at = key.indexOf("\n");
    const archive = archives[Number(key.slice(0, at))];
    const stanza = key.slice(at + 1);
    try {
      const fields = parseParagraph(stanza, "a package index");
      return [readPackage(fields, architecture, archive && { source: archive.source, priority: archive.priority, stanza })];
    } catch (thrown) {
      return note(/^Package:[ \t]*(\S+)/im.exec(stanza)?.[1] ?? "", thrown);
    }
  });
  const fits = ({ architecture: own }: DebianPackage): boolean => own === architecture || own === "all";
  const read = (name: string, stanzasOf: (index: PackageLookup) => readonly string[]): readonly DebianPackage[] => {
    const stanzas = archives.flatMap(({ index }, at) => {
      try {
        return stanzasOf(index).map((stanza) => `${at}\n${stanza}`);
      } catch (thrown) {
        return note(name, thrown);
      }
    });
    return stanzas.flatMap(parse).filter(fits);
  };

  const versions = remember((name: string): readonly DebianPackage[] => {
    const sorted = read(name, (index) => index.stanzas(name)).toSorted(
      (a, b) => compareDebianVersions(b.version, a.version) || priorityOf(b) - priorityOf(a),
    );
    return sorted.filter((found, at) => found.version !== sorted[at - 1]?.version);
  });
  const candidate = remember((name: string): DebianPackage | undefined => {
    const current = installed.get(name);
    const pin = pins.get(name);
    if (pin === undefined && current?.held === true) return current;
    return pin === undefined ? pickCandidate(versions(name), current) : findPinned(pin, versions(name), current);
  });
  const installedProviders = groupByProvided(options.installed);
  const providers = remember((name: string): readonly DebianPackage[] => {
    const present = installedProviders.get(name) ?? [];
    const found = read(name, (index) => index.providers(name)).filter((one) => candidate(one.name) === one);
    return [...present, ...found];
  });
  const mention = remember((name: string): number => findMention(archives, name));
  return {
    architecture,
    installed,
    candidate,
    isPinned: (name) => pins.has(name),
    versions,
    providers,
    names: () => namesOf(archives),
    unreadable: (name) => unreadable.get(name) ?? [],
    mention,
  };
}

/** What the choice between versions of one name depends on. */
export interface Weighed {
  readonly version: string;
  readonly archive?: { readonly priority: number } | undefined;
}

/** Exactly this version, else another rebuild of it: that of the base, else the newest. */
function findPinned(pin: string, versions: readonly DebianPackage[], current: DebianPackage | undefined): DebianPackage | undefined {
  const all = current === undefined ? versions : [current, ...versions];
  return all.find(({ version }) => version === pin) ?? all.find(({ version }) => withoutRebuild(version) === withoutRebuild(pin));
}

/** Highest priority wins, then highest version; never older than what is installed. */
export function pickCandidate<T extends Weighed>(versions: readonly T[], current: T | undefined): T | undefined {
  let best: T | undefined;
  let bestPriority = 0;
  const present = current !== undefined && !versions.some(({ version }) => version === current.version) ? [current] : [];
  for (const found of [...present, ...versions].toSorted((a, b) => compareDebianVersions(b.version, a.version))) {
    const isCurrent = found.version === current?.version;
    const priority = Math.max(priorityOf(found), isCurrent ? ofInstalled : 0);
    if (priority <= bestPriority) continue;
    if (current !== undefined && compareDebianVersions(found.version, current.version) < 0) continue;
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

function findMention(archives: readonly Archive[], name: string): number {
  for (const [at, { index }] of archives.entries()) {
    const place = index.mention(name);
    if (place !== undefined) return at * 2 ** 44 + place;
  }
  return Infinity;
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
