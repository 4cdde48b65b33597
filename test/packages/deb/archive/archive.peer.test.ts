import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { Archives, archivesFor } from "../../../../provider/packages/deb/archive/archive.js";
import { findSources } from "../../../../provider/packages/deb/sources/sources.js";
import { createFetcher } from "../../../../provider/packages/fetch/fetch.js";
import { expect } from "../../../support/expectations.js";
import { note } from "../../../support/running-test.js";
import { testUnless } from "../../../support/skips.js";

const bookworm = { family: "debian", release: "bookworm" } as const;
const skip =
  existsSync("/etc/apt/sources.list.d") || existsSync("/etc/apt/sources.list") ? false : "this machine has no apt to name a mirror";
const root = mkdtempSync(join(tmpdir(), "dhi-archive-"));
after(() => {
  rmSync(root, { recursive: true });
});

/** Opens Debian 12 for two architectures and tells how long that took and what it moved. */
async function openDebian(): Promise<{
  readonly digests: readonly string[];
  readonly names: number;
  readonly received: number;
  readonly line: string;
}> {
  const started = performance.now();
  let received = 0;
  const cache = openCache({ directory: join(root, "cache") });
  const fetcher = createFetcher({ cache, received: (count) => void (received += count) });
  const archives = new Archives({ fetcher, cache });
  try {
    const { sources } = await findSources({ distribution: bookworm });
    const releases = await archives.openReleases(sources);
    const afterReleases = performance.now();
    const opened = await archives.openAll(sources, ["amd64", "arm64"]);
    const finished = performance.now();
    expect(releases.map(({ suite }) => suite).toSorted()).to.deep.equal(["bookworm", "bookworm-security", "bookworm-updates"]);
    for (const release of releases) expect(release.fingerprints.length, release.url).to.be.above(0);
    for (const architecture of ["amd64", "arm64"]) {
      const lookups = archivesFor(opened, architecture);
      const [stanza] = lookups.flatMap(({ index }) => index.stanzas("curl"));
      expect(stanza ?? "").to.match(new RegExp(`^Package: curl\\n[\\s\\S]*^Architecture: ${architecture}$`, "m"));
      expect(lookups.some(({ index }) => index.providers("mail-transport-agent").length > 1)).to.equal(true);
    }
    const names = archivesFor(opened, "amd64").reduce((sum, { index }) => sum + [...index.names()].length, 0);
    const digests = releases.map(({ digest }) => digest);
    const line = `release data ${Math.round(afterReleases - started)} ms, with indexes ${Math.round(finished - started)} ms, ${received} bytes`;
    return { digests, names, received, line };
  } finally {
    archives.close();
  }
}

it(
  "Debian's own archive is verified, opened for two architectures, and opened again from the cache",
  testUnless(skip, async () => {
    const cold = await openDebian();
    const warm = await openDebian();
    note(`cold: ${cold.line}`);
    note(`warm: ${warm.line}`);
    expect(cold.names, String(cold.names)).to.be.above(50_000);
    expect(cold.received).to.be.above(1_000_000);
    expect(warm.received).to.equal(0);
    expect(warm.digests).to.deep.equal(cold.digests);
  }),
);
