import { rm } from "node:fs/promises";
import type { Cache } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { baseHostNotices } from "../fetch/base-hosts.js";
import type { UsedArchive } from "../used-archive.js";
import type { ArchivesRequest, FamilyRequest, FamilyResolution, ListedPackage, PackageFamily } from "../family.js";
import type { ArchiveFetcher } from "../fetch/fetch.js";
import { Memo } from "../../async/memo.js";
import { ofPackage } from "../unpack/package-limits.js";
import type { DeclaredSource } from "../declared-source.js";
import type { AddedPackage, UnpackedPackage } from "../packages.js";
import { Archives, archivesFor, describeRelease, listingOf, type OpenedArchive } from "./archive/archive.js";
import { isReleaseUnchanged } from "./archive/verified-release.js";
import { checkIdentity } from "./formats/deb-identity.js";
import { installDebianPackages } from "./install/install.js";
import { readDatabase } from "./install/recorded-packages.js";
import { readInstalled } from "./resolve/installed.js";
import { listDebian } from "./resolve/list.js";
import type { DebianPackage } from "./resolve/package.js";
import { resolveDebian } from "./resolve/resolver.js";
import { findSources } from "./sources/sources.js";
import { packageRecords, packageTars } from "./install/unpack-job.js";
import { decodeUnpacked, type UnpackedContents } from "../unpack/unpacked-record.js";
import { work } from "./work-pool.js";

export interface DebianOptions {
  readonly cache: Cache;
  readonly fetcher: ArchiveFetcher;
  /** Stack config `dhi:packageSources`, by distribution. */
  readonly configured: Readonly<Record<string, readonly DeclaredSource[]>>;
}

/** What apt and dpkg do, without running them. */
export class Debian implements PackageFamily {
  readonly install = installDebianPackages;
  readonly #options: DebianOptions;
  readonly #archives: Archives;
  /** Shared: resources of one operation use the same archives. */
  readonly #unchanged = new Memo<boolean>();
  readonly #unpacked = new Memo<UnpackedPackage>();

  constructor(options: DebianOptions) {
    this.#options = options;
    this.#archives = new Archives(options);
  }

  async resolve(request: FamilyRequest): Promise<FamilyResolution> {
    const { architecture, requests, held, upgrade, assumeInstalled } = request;
    const installed = installedIn(request);
    const opened = await this.#open(request);
    const { added, notices } = resolveDebian({
      installed,
      archives: archivesFor(opened, architecture),
      architecture,
      requests,
      held,
      upgrade,
      assumeInstalled,
    });
    const archives = opened.map(({ release }) => describeRelease(release));
    const hosts = baseHostNotices(archives, (url) => this.#options.fetcher.isNamed(url));
    return {
      added,
      notices: [...hosts, ...opened.flatMap((archive) => archive.notices), ...notices],
      archives,
      installed: new Map(installed.map(({ name, version }) => [name, version])),
      listing: (one) => listingOf(opened, architecture, one),
    };
  }

  async list(request: ArchivesRequest): Promise<readonly ListedPackage[]> {
    const archives = archivesFor(await this.#open(request), request.architecture);
    return listDebian({ installed: installedIn(request), archives, architecture: request.architecture });
  }

  isUnchanged({ url, origin, suite, digest }: UsedArchive): Promise<boolean> {
    return this.#unchanged.run(`${url} ${origin} ${suite} ${digest}`, () =>
      isReleaseUnchanged(this.#options.fetcher, { url, origin }, suite, digest),
    );
  }

  unpack(added: AddedPackage): Promise<UnpackedPackage> {
    const { name, version, architecture, payload } = added;
    const contents = this.#unpacked.run(`${name} ${version} ${architecture} ${payload.checksum}`, () => this.#unpack(added));
    // The first caller may have it in another chain, or as a dependency.
    return contents.then((unpacked) => ({ ...unpacked, package: added }));
  }

  async payloadTar({ package: added, payload }: Pick<UnpackedPackage, "package" | "payload">): Promise<string> {
    const { cache } = this.#options;
    const path = await cache.path(packageTars, payload);
    if (path !== undefined) return path;
    await this.#unpackIntoCache(added, payload);
    return (await cache.path(packageTars, payload)) ?? lost(added);
  }

  close(): void {
    this.#archives.close();
  }

  async #open({ distribution, base, architecture, sources: declared }: ArchivesRequest): Promise<readonly OpenedArchive[]> {
    const { fetcher, configured } = this.#options;
    const { sources, logins } = await findSources({ distribution, declared, configured, base });
    fetcher.addLogins(logins, sources[0]?.origin ?? "public");
    return await this.#archives.openAll(sources, [architecture]);
  }

  async #unpack(added: AddedPackage): Promise<UnpackedPackage> {
    const payload = digestIn(added);
    const known = await this.#readRecord(payload);
    if (known === undefined) await this.#unpackIntoCache(added, payload);
    const contents = known ?? (await this.#readRecord(payload)) ?? lost(added);
    try {
      // Another archive may have listed the same file under another name.
      checkIdentity(contents.control.get("control"), added);
    } catch (thrown) {
      throw ofPackage(fullName(added), thrown);
    }
    return { package: added, payload, ...contents };
  }

  /** A record that is damaged, or written by another release, is rebuilt. */
  async #readRecord(payload: Digest): Promise<UnpackedContents | undefined> {
    const record = await this.#options.cache.read(packageRecords, payload);
    try {
      return record === undefined ? undefined : decodeUnpacked(record);
    } catch (thrown) {
      if (thrown instanceof DhiError) return undefined;
      throw thrown;
    }
  }

  async #unpackIntoCache(added: AddedPackage, digest: Digest): Promise<void> {
    const { cache, fetcher } = this.#options;
    const { name, version, architecture, payload } = added;
    const file = await fetcher.fetch({ url: payload.url, origin: payload.source.origin }, { digest, size: payload.size });
    const expected = { name, version, architecture };
    try {
      await work({ kind: "unpack", cacheDirectory: cache.directory, name: fullName(added), file, digest, expected }, true);
    } catch (thrown) {
      // Its digest matches the archive's statement, but an invalid package must not stay in the cache.
      if (thrown instanceof DhiError) await rm(file, { force: true });
      throw thrown;
    }
  }
}

function fullName({ name, version, architecture }: AddedPackage): string {
  return `${name}_${version}_${architecture}`;
}

function lost({ name }: AddedPackage): never {
  throw new DhiError("unavailable", `${name} was evicted from the cache while it was in use`, { hint: "Give the cache more room" });
}

/** `resolveDebian` returns only SHA-256 digests. */
function digestIn({ name, payload: { checksum } }: AddedPackage): Digest {
  if (isDigest(checksum)) return checksum;
  throw new DhiError("invalid", `the checksum "${checksum}" of ${name} is not a SHA-256 digest`, { origin: "packages" });
}

function installedIn({ base, architecture }: ArchivesRequest): readonly DebianPackage[] {
  return base === undefined ? [] : readInstalled(readDatabase(base), architecture);
}
