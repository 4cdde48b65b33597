import type { Cache } from "../../cache/cache.js";
import { blame } from "../../errors.js";
import { baseHostNotices } from "../fetch/base-hosts.js";
import type { UsedArchive } from "../used-archive.js";
import type { ArchivesRequest, FamilyRequest, FamilyResolution, ListedPackage, PackageFamily } from "../family.js";
import type { ArchiveFetcher } from "../fetch/fetch.js";
import { Memo } from "../../async/memo.js";
import type { DeclaredSource } from "../declared-source.js";
import type { AddedPackage, UnpackedPackage } from "../packages.js";
import { trustOf } from "../fetch/trust.js";
import { apkArchitecture } from "./architecture.js";
import { ApkArchives, describeIndex, isIndexUnchanged, listingOf, type OpenedIndex } from "./archive/archive.js";
import { installApkPackages } from "./install/install.js";
import { installedPackages, worldOf } from "./install/installed-packages.js";
import { listAlpine } from "./resolve/list.js";
import { ApkIndex } from "./archive/package-index.js";
import { resolveApk } from "./resolve/resolver.js";
import { findRepositories } from "./sources/sources.js";
import { payloadTarOf, unpackAdded } from "./install/unpack.js";
import { parseWorld } from "./resolve/world.js";

export interface AlpineOptions {
  readonly cache: Cache;
  readonly fetcher: ArchiveFetcher;
  /** Stack config `dhi:packageSources`, by distribution. */
  readonly configured: Readonly<Record<string, readonly DeclaredSource[]>>;
  /** The configuration folder of this machine's apk. Default `/etc/apk`. */
  readonly apkDirectory?: string | undefined;
}

/** What apk does, without running it. */
export class Alpine implements PackageFamily {
  readonly install = installApkPackages;
  readonly #options: AlpineOptions;
  readonly #archives: ApkArchives;
  /** Shared: resources of one operation use the same archives. */
  readonly #indexes = new Map<string, ApkIndex>();
  readonly #unchanged = new Memo<boolean>();
  readonly #unpacked = new Memo<UnpackedPackage>();

  constructor(options: AlpineOptions) {
    this.#options = options;
    this.#archives = new ApkArchives(options);
  }

  resolve(request: FamilyRequest): Promise<FamilyResolution> {
    return blame({ origin: "packages" }, () => this.#resolve(request));
  }

  list(request: ArchivesRequest): Promise<readonly ListedPackage[]> {
    return blame({ origin: "packages" }, async () => {
      const { index } = await this.#open(request);
      return listAlpine({ installed: installedPackages(request.base), index });
    });
  }

  isUnchanged(archive: UsedArchive): Promise<boolean> {
    return this.#unchanged.run(`${archive.url} ${archive.origin} ${archive.digest}`, () =>
      isIndexUnchanged(this.#options.fetcher, archive),
    );
  }

  unpack(added: AddedPackage): Promise<UnpackedPackage> {
    const { checksum, size } = added.payload;
    const contents = this.#unpacked.run(`${added.name} ${added.version} ${checksum} ${String(size)}`, () =>
      unpackAdded(this.#options, added),
    );
    // The first caller may have it from a source with other keys, or in another chain.
    return contents.then((unpacked) => ({ ...unpacked, package: added }));
  }

  payloadTar(unpacked: UnpackedPackage): Promise<string> {
    return payloadTarOf(this.#options, unpacked);
  }

  close(): void {
    this.#indexes.clear();
  }

  async #resolve(request: FamilyRequest): Promise<FamilyResolution> {
    const { base, requests, held, upgrade, assumeInstalled } = request;
    const installed = installedPackages(base);
    const { opened, index, architecture } = await this.#open(request);
    const { added, notices } = resolveApk({
      installed,
      world: parseWorld(worldOf(base)),
      lookup: index,
      repositories: opened.map(({ repository }) => repository),
      architecture,
      requests,
      held,
      upgrade,
      assumeInstalled,
    });
    const archives = opened.map(describeIndex);
    const hosts = baseHostNotices(archives, (url) => this.#options.fetcher.isNamed(url));
    return {
      added,
      notices: [...hosts, ...opened.flatMap((one) => one.notices), ...notices],
      archives,
      installed: new Map(installed.map(({ name, version }) => [name, version])),
      listing: (one) => listingOf(opened, index, one),
    };
  }

  async #open({ distribution, base, architecture: asked, sources: declared }: ArchivesRequest): Promise<{
    readonly opened: readonly OpenedIndex[];
    readonly index: ApkIndex;
    readonly architecture: string;
  }> {
    const { fetcher, configured, apkDirectory } = this.#options;
    const architecture = apkArchitecture(asked, base);
    const { repositories, logins } = await findRepositories({ distribution, architecture, declared, configured, base, apkDirectory });
    fetcher.addLogins(logins, repositories[0]?.source.origin ?? "public");
    const opened = await this.#archives.openAll(repositories, architecture);
    return { opened, index: this.#indexOf(opened), architecture };
  }

  #indexOf(opened: readonly OpenedIndex[]): ApkIndex {
    const key = JSON.stringify(
      opened.map(({ url, digest, repository: { tag, source } }) => [url, digest, tag, source.origin, trustOf(source)]),
    );
    const index = this.#indexes.get(key) ?? new ApkIndex(opened);
    this.#indexes.set(key, index);
    return index;
  }
}
