import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { Debian } from "../../../../provider/packages/deb/debian.js";
import { createFetcher } from "../../../../provider/packages/fetch/fetch.js";
import { userHosts } from "../../../../provider/packages/fetch/hosts.js";
import type { DeclaredSource } from "../../../../provider/packages/declared-source.js";
import type { UnpackedPackage } from "../../../../provider/packages/packages.js";
import type { FamilyResolution } from "../../../../provider/packages/family.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import type { ArchiveFiles } from "../../../support/archives/archive.js";
import { writeArchive } from "../../../support/archives/serve.js";

const root = mkdtempSync(join(tmpdir(), "dhi-attempt-"));
after(() => {
  rmSync(root, { recursive: true });
});
let folders = 0;

export function folder(): string {
  const path = join(root, String((folders += 1)));
  mkdirSync(path);
  return path;
}

export interface AttemptOptions {
  /** Armored keys that the source trusts. */
  readonly keys: readonly string[];
  readonly source?: Partial<DeclaredSource>;
  readonly architecture?: string;
  /** Of the cache; a new one when absent. */
  readonly directory?: string;
  /** Of the archive; a new one when absent. */
  readonly archive?: string;
  /** Its own sources are used then. */
  readonly base?: FileTree;
  /** `dhi:packageSources`, used then. */
  readonly configured?: Readonly<Record<string, readonly DeclaredSource[]>>;
  /** Added to that of the fetcher, whose home and apt folder are the cache's. */
  readonly env?: Readonly<Record<string, string>>;
  /** PEM, for every host. */
  readonly ca?: string;
}

export interface Attempt {
  readonly resolution: FamilyResolution;
  readonly packages: readonly UnpackedPackage[];
}

/** Adds the package `tool` of an archive on disk, as far as it goes before an image is written: resolved, downloaded, checked, unpacked. */
export async function attempt(files: ArchiveFiles, options: AttemptOptions): Promise<Attempt> {
  const { keys, source = {}, architecture = "amd64", directory = folder(), archive = folder(), base, configured, env = {}, ca } = options;
  const cache = openCache({ directory });
  const certificates = ca === undefined ? {} : { certificates: () => Promise.resolve([ca]) };
  // Test archives are served on loopback.
  const hosts = userHosts({ listed: ["127.0.0.1"] });
  const more = { aptDirectory: directory, firstDelay: 1, userHosts: hosts, ...certificates };
  const fetcher = createFetcher({ cache, env: { HOME: directory, ...env }, ...more });
  const family = new Debian({ cache, fetcher, configured: configured ?? {} });
  const declared = base === undefined && configured === undefined;
  try {
    const resolution = await family.resolve({
      distribution: { family: "debian", release: "bookworm" },
      base,
      architecture,
      requests: [{ name: "tool", property: "packages[0]" }],
      sources: declared ? [{ url: writeArchive(files, archive), keys, ...source }] : [],
      assumeInstalled: [],
    });
    const packages: UnpackedPackage[] = [];
    for (const added of resolution.added) packages.push(await family.unpack(added));
    for (const unpacked of packages) await family.payloadTar(unpacked);
    return { resolution, packages };
  } finally {
    family.close();
  }
}

/** The files of a cache, by folder: how many there are in each; the file that marks it aside. */
export function kept(directory: string): Readonly<Record<string, number>> {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  // Beside the folders lies the file that marks them as a cache.
  const files = all.filter((entry) => entry.isFile() && entry.parentPath !== directory);
  const kinds = files.map(({ parentPath }) => relative(directory, parentPath).split("/")[0] ?? "");
  return Object.fromEntries([...new Set(kinds)].toSorted().map((kind) => [kind, kinds.filter((one) => one === kind).length]));
}
