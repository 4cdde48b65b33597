import { rm } from "node:fs/promises";
import type { Cache } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { readKept as readBaseFile } from "../distribution-files.js";
import type { ArchivesRequest, FamilyRequest, FamilyResolution, ListedPackage, PackageFamily, UsedArchive } from "../family.js";
import type { ArchiveFetcher } from "../fetch.js";
import { Once } from "../fetch-limits.js";
import type { AddedPackage, DeclaredSource, UnpackedPackage } from "../packages.js";
import { Archives, archivesFor, describeRelease, type OpenedArchive } from "./archive.js";
import { isReleaseUnchanged } from "./archive-release.js";
import { parseParagraphs, type Paragraph } from "./control.js";
import { unpackDeb } from "./deb-file.js";
import { installDebianPackages } from "./install.js";
import { readInstalled } from "./installed.js";
import { listDebian } from "./list.js";
import { readKept } from "./read-kept.js";
import type { DebianPackage } from "./resolve-package.js";
import { resolveDebian } from "./resolver.js";
import { findSources } from "./sources.js";
import type { FileTree } from "../../rootfs/file-tree.js";

export interface DebianOptions {
  readonly cache: Cache;
  readonly fetcher: ArchiveFetcher;
  /** Stack config `dhi:packageSources`, by distribution. */
  readonly configured: Readonly<Record<string, readonly DeclaredSource[]>>;
}

/** Folder of the cache: uncompressed payloads, by the digest of the package's file. */
const tars = "package-tars";

/** dpkg's and apt's equal. */
export class Debian implements PackageFamily {
  readonly install = installDebianPackages;
  readonly #options: DebianOptions;
  readonly #archives: Archives;
  /** Resources of one operation ask for the same archives. */
  readonly #unchanged = new Once<boolean>(true);
  readonly #unpacked = new Once<UnpackedPackage>(true);

  constructor(options: DebianOptions) {
    this.#options = options;
    this.#archives = new Archives(options);
  }

  async resolve(request: FamilyRequest): Promise<FamilyResolution> {
    const { architecture, requests, assumeInstalled } = request;
    const opened = await this.#open(request);
    const { added, notices } = resolveDebian({
      installed: installedIn(request),
      archives: archivesFor(opened, architecture),
      architecture,
      requests,
      assumeInstalled,
    });
    return {
      added,
      notices: [...opened.flatMap((archive) => archive.notices), ...notices],
      archives: opened.map(({ release }) => describeRelease(release)),
    };
  }

  async list(request: ArchivesRequest): Promise<readonly ListedPackage[]> {
    const archives = archivesFor(await this.#open(request), request.architecture);
    return listDebian({ installed: installedIn(request), archives, architecture: request.architecture });
  }

  isUnchanged({ url, suite, digest }: UsedArchive): Promise<boolean> {
    return this.#unchanged.run(`${url} ${suite} ${digest}`, () => isReleaseUnchanged(this.#options.fetcher, { url }, suite, digest));
  }

  unpack(added: AddedPackage): Promise<UnpackedPackage> {
    return this.#unpacked.run(added.payload.checksum, () => this.#unpack(added));
  }

  async payloadTar({ package: added, payload }: Pick<UnpackedPackage, "package" | "payload">): Promise<string> {
    const path = await this.#options.cache.path(tars, payload);
    if (path !== undefined) return path;
    await this.#spool(added);
    const made = await this.#options.cache.path(tars, payload);
    if (made === undefined)
      throw new DhiError("unavailable", `the cache lost ${added.name} while it was used`, { hint: "Give it more room" });
    return made;
  }

  close(): void {
    this.#archives.close();
  }

  async #open({ distribution, base, architecture, sources: declared }: ArchivesRequest): Promise<readonly OpenedArchive[]> {
    const { fetcher, configured } = this.#options;
    const { sources, logins } = await findSources({ distribution, declared, configured, base });
    fetcher.addLogins(logins);
    return await this.#archives.openAll(sources, [architecture]);
  }

  async #unpack(added: AddedPackage): Promise<UnpackedPackage> {
    const unpacked = await this.#spool(added);
    const payload = digestIn(added);
    const kept = await readKept(unpacked, await this.payloadTar({ package: added, payload }));
    return { package: added, payload, control: unpacked.control, ...kept };
  }

  async #spool(added: AddedPackage): ReturnType<typeof unpackDeb> {
    const { cache, fetcher } = this.#options;
    const { size, url } = added.payload;
    const digest = digestIn(added);
    const file = await fetcher.fetch(url, { digest, size });
    const writer = await cache.create(tars);
    try {
      const name = `${added.name}_${added.version}_${added.architecture}`;
      const unpacked = await unpackDeb({ name, file, digest, expected: added, spool: (chunk) => writer.write(chunk) });
      await writer.commit(digest);
      return unpacked;
    } catch (thrown) {
      // Its digest is what the archive states, and yet it must not stay.
      if (thrown instanceof DhiError) await rm(file, { force: true });
      throw thrown;
    } finally {
      await writer.discard();
    }
  }
}

/** `resolveDebian` gives no other. */
function digestIn({ name, payload: { checksum } }: AddedPackage): Digest {
  if (isDigest(checksum)) return checksum;
  throw new DhiError("invalid", `${name} is known by "${checksum}", which is no SHA-256`, { origin: "packages" });
}

function installedIn({ base, architecture }: ArchivesRequest): readonly DebianPackage[] {
  return base === undefined ? [] : readInstalled(readDatabase(base), architecture);
}

/** dpkg's database in either form. */
function readDatabase(base: FileTree): readonly Paragraph[] {
  const status = readBaseFile(base, "var/lib/dpkg/status");
  if (status !== undefined && status.length > 0) return parseParagraphs(status.toString("latin1"), "the base's /var/lib/dpkg/status");
  return base
    .list("var/lib/dpkg/status.d")
    .filter((name) => !name.endsWith(".md5sums"))
    .flatMap((name) => {
      const path = `var/lib/dpkg/status.d/${name}`;
      return parseParagraphs((readBaseFile(base, path) ?? Buffer.alloc(0)).toString("latin1"), `the base's /${path}`);
    });
}
