import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { openCache } from "../../../../provider/cache/open.js";
import { Archives, archivesFor } from "../../../../provider/packages/deb/archive/archive.js";
import { findSources } from "../../../../provider/packages/deb/sources/sources.js";
import { createFetcher } from "../../../../provider/packages/fetch/fetch.js";

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
    assert.deepEqual(releases.map(({ suite }) => suite).toSorted(), ["bookworm", "bookworm-security", "bookworm-updates"]);
    for (const release of releases) assert.ok(release.fingerprints.length > 0, release.url);
    for (const architecture of ["amd64", "arm64"]) {
      const lookups = archivesFor(opened, architecture);
      const [stanza] = lookups.flatMap(({ index }) => index.stanzas("curl"));
      assert.match(stanza ?? "", new RegExp(`^Package: curl\\n[\\s\\S]*^Architecture: ${architecture}$`, "m"));
      assert.ok(lookups.some(({ index }) => index.providers("mail-transport-agent").length > 1));
    }
    const names = archivesFor(opened, "amd64").reduce((sum, { index }) => sum + [...index.names()].length, 0);
    const digests = releases.map(({ digest }) => digest);
    const line = `release data ${Math.round(afterReleases - started)} ms, with indexes ${Math.round(finished - started)} ms, ${received} bytes`;
    return { digests, names, received, line };
  } finally {
    archives.close();
  }
}

it("Debian's own archive is verified, opened for two architectures, and opened again from the cache", { skip }, async (context) => {
  const cold = await openDebian();
  const warm = await openDebian();
  context.diagnostic(`cold: ${cold.line}`);
  context.diagnostic(`warm: ${warm.line}`);
  assert.ok(cold.names > 50_000, String(cold.names));
  assert.ok(cold.received > 1_000_000);
  assert.equal(warm.received, 0);
  assert.deepEqual(warm.digests, cold.digests);
});
