import type { Cache } from "../../../cache/cache.js";
import { blame, DhiError } from "../../../errors.js";
import type { UsedArchive } from "../../used-archive.js";
import { Memo } from "../../../async/memo.js";
import type { Fetcher } from "../../fetch/fetcher.js";
import { isSecurityPart } from "../../security-archive.js";
import type { NamedVersion, PackageListing } from "../../family.js";
import type { PackageNotice, PackageSource } from "../../packages.js";
import { trustOf } from "../../fetch/trust.js";
import { openIndex } from "./indexes.js";
import { openRelease, type OpenedRelease } from "./verified-release.js";
import { suiteUrl } from "./archive-url.js";
import { defaultPriority, type Archive } from "../resolve/candidates.js";
import type { PackageIndex } from "./package-index.js";
import type { StanzaFile } from "./stanza-file.js";

export interface ArchivesOptions {
  readonly fetcher: Fetcher;
  readonly cache: Cache;
  readonly now?: (() => Date) | undefined;
}

export interface OpenedArchive {
  readonly release: OpenedRelease;
  /** By architecture, one index for each component, in the order of the components. */
  readonly indexes: ReadonlyMap<string, readonly PackageIndex[]>;
  /** By architecture, the component of each index. */
  readonly components: ReadonlyMap<string, readonly string[]>;
  readonly notices: readonly PackageNotice[];
}

/** Archives of one operation: each release and index is fetched, verified and read once, whatever the number of callers. */
export class Archives {
  readonly #options: ArchivesOptions;
  readonly #releases = new Memo<OpenedRelease>();
  readonly #indexes = new Memo<PackageIndex | undefined>();
  readonly #files: StanzaFile[] = [];

  constructor(options: ArchivesOptions) {
    this.#options = options;
  }

  /** Only the release data of a suite: all that is fetched when nothing changed. Throws `DhiError` with origin "packages". */
  openRelease(source: PackageSource, suite: string): Promise<OpenedRelease> {
    const { fetcher, cache, now = () => new Date() } = this.#options;
    return this.#releases.run(keyOf(source, suite), () => fromPackages(() => openRelease(fetcher, source, suite, { cache, now })));
  }

  /** The release data of every suite of every source, in their order; a suite that two sources share is returned for each. */
  async openReleases(sources: readonly PackageSource[]): Promise<readonly OpenedRelease[]> {
    return await Promise.all(sources.flatMap((source) => source.suites.map((suite) => this.openRelease(source, suite))));
  }

  /** The package indexes of a suite for these architectures. Throws `DhiError` with origin "packages". */
  async open(source: PackageSource, suite: string, architectures: readonly string[]): Promise<OpenedArchive> {
    const opened = await this.openRelease(source, suite);
    return await fromPackages(async () => {
      const each = await Promise.all(architectures.map((architecture) => this.#openArchitecture(opened, architecture)));
      return {
        release: opened,
        indexes: new Map(each.map(({ indexes }, at) => [architectures[at] ?? "", indexes])),
        components: new Map(each.map(({ components }, at) => [architectures[at] ?? "", components])),
        notices: [...opened.notices, ...each.flatMap(({ notices }) => notices)],
      };
    });
  }

  /** Every suite of every source, in their order. */
  async openAll(sources: readonly PackageSource[], architectures: readonly string[]): Promise<readonly OpenedArchive[]> {
    const opened = await Promise.all(sources.flatMap((source) => source.suites.map((suite) => this.open(source, suite, architectures))));
    const without = architectures.find((architecture) => opened.every(({ indexes }) => (indexes.get(architecture) ?? []).length === 0));
    if (without === undefined || opened.length === 0) return opened;
    const has = [...new Set(opened.flatMap(({ release }) => release.release.architectures))].filter(
      (architecture) => architecture !== "all",
    );
    throw new DhiError("not-found", `no archive has packages for ${without}${has.length === 0 ? "" : `: only for ${has.join(", ")}`}`, {
      origin: "packages",
      hint: "Name an archive that has them in packageSources, or remove the platform",
    });
  }

  /** Closes the files that indexes read from; the indexes cannot be used afterwards. */
  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }

  async #openArchitecture(
    opened: OpenedRelease,
    architecture: string,
  ): Promise<{
    readonly indexes: readonly PackageIndex[];
    readonly components: readonly string[];
    readonly notices: readonly PackageNotice[];
  }> {
    const { source, release, url } = opened;
    if (source.architectures?.includes(architecture) === false) return { indexes: [], components: [], notices: [] };
    if (release.architectures.length > 0 && !release.architectures.includes(architecture) && !opened.separateAll) {
      const message = `${url} has no packages for ${architecture}, only for ${release.architectures.join(", ")}`;
      return { indexes: [], components: [], notices: [{ kind: "architecture", message }] };
    }
    const names = [architecture, ...(opened.separateAll ? ["all"] : [])];
    const paths = opened.suite.endsWith("/")
      ? [["Packages"]]
      : source.components.map((component) => names.map((name) => `${component}/binary-${name}/Packages`));
    const found = await Promise.all(paths.map(async (group) => await Promise.all(group.map((path) => this.#openIndex(opened, path)))));
    const missing = found.findIndex((group) => group.every((index) => index === undefined));
    if (missing >= 0) throw withoutIndex(opened, source.components[missing], architecture);
    const each = found.flatMap((group, at) =>
      group.flatMap((index) => (index === undefined ? [] : [{ index, component: source.components[at] ?? "" }])),
    );
    return { indexes: each.map(({ index }) => index), components: each.map(({ component }) => component), notices: [] };
  }

  #openIndex(opened: OpenedRelease, path: string): Promise<PackageIndex | undefined> {
    const { fetcher, cache } = this.#options;
    const source = { fetcher, cache, opened: (file: StanzaFile): void => void this.#files.push(file) };
    return this.#indexes.run(`${opened.digest} ${opened.url} ${path}`, () => openIndex(source, opened, path));
  }
}

/** What the resolver needs for one architecture: every index with its priority (apt_preferences(5)), in the order of the sources. */
export function archivesFor(opened: readonly OpenedArchive[], architecture: string): readonly Archive[] {
  return opened.flatMap(({ release: { source, release }, indexes }) => {
    const priority = defaultPriority({ notAutomatic: release.notAutomatic, butAutomaticUpgrades: release.automaticUpgrades });
    return (indexes.get(architecture) ?? []).map((index): Archive => ({ index, source, priority }));
  });
}

/** Which of these archives list a version of a package. */
export function listingOf(opened: readonly OpenedArchive[], architecture: string, { name, version }: NamedVersion): PackageListing {
  const line = new RegExp(`^Version:[ \\t]*${version.replace(/[^A-Za-z0-9]/g, "\\$&")}[ \\t]*$`, "im");
  const found = opened.flatMap(({ release: { suite, release }, indexes, components }) =>
    (indexes.get(architecture) ?? []).flatMap((index, at) =>
      index.stanzas(name).some((stanza) => line.test(stanza))
        ? [{ date: release.date, security: isSecurityPart(suite) || isSecurityPart(components.get(architecture)?.[at] ?? "") }]
        : [],
    ),
  );
  const times = found.flatMap(({ date }) => (date === undefined ? [] : [date.getTime()]));
  return {
    date: times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString(),
    security: found.some(({ security }) => security),
  };
}

/** The archives used, for preview and state. */
export function describeRelease({ source, suite, file, release: { date } }: OpenedRelease): UsedArchive {
  const { url, components, origin } = source;
  return { family: "debian", url, suite, components, origin, digest: file, ...(date === undefined ? {} : { date: date.toISOString() }) };
}

function withoutIndex({ url, release, source }: OpenedRelease, component: string | undefined, architecture: string): DhiError {
  const what = component === undefined ? `${url} lists no Packages file` : `${url} has no component "${component}" for ${architecture}`;
  const has = release.components.length === 0 ? "" : `: it has ${release.components.join(", ")}`;
  const hint = source.origin === "base" ? "Set packageSources" : "Check components of the source";
  return new DhiError("not-found", `${what}${has}`, { hint });
}

/** Includes whom a source trusts, so that no source gets what only another one accepts. */
function keyOf(source: PackageSource, suite: string): string {
  const policy = [source.allowExpired, source.components, source.architectures, source.origin];
  return JSON.stringify([suiteUrl(source, suite), trustOf(source), policy]);
}

async function fromPackages<T>(work: () => Promise<T>): Promise<T> {
  return await blame({ origin: "packages", hint: "Use another source in packageSources" }, work);
}
