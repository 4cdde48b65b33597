import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { Archives, archivesFor, describeRelease } from "../../../../provider/packages/deb/archive/archive.js";
import { payloadUrl, suiteUrl } from "../../../../provider/packages/deb/archive/archive-url.js";
import { createFetcher } from "../../../../provider/packages/fetch/fetch.js";
import type { PackageSource } from "../../../../provider/packages/packages.js";
import { buildArchive, type ArchiveFiles, type SuiteSpec } from "../../../support/archives/archive.js";
import { makeKey, type ArchiveKey } from "../../../support/archives/keys.js";
import { serveArchive, writeArchive, type ServedArchive } from "../../../support/archives/serve.js";
import { expect, expectThat } from "../../../support/expectations.js";

const root = mkdtempSync(join(tmpdir(), "dhi-archive-"));
const served: ServedArchive[] = [];
const opened: Archives[] = [];
let key: ArchiveKey;
let folders = 0;

before(async () => {
  key = await makeKey("archive");
});
after(async () => {
  for (const archives of opened) archives.close();
  await Promise.all(served.map(({ stop }) => stop()));
  rmSync(root, { recursive: true });
});

function folder(): string {
  const path = join(root, String((folders += 1)));
  mkdirSync(path);
  return path;
}

function openArchives(directory = folder()): Archives {
  const cache = openCache({ directory });
  const fetcher = createFetcher({ cache, env: { HOME: directory }, aptDirectory: directory, firstDelay: 1 });
  const archives = new Archives({ fetcher, cache });
  opened.push(archives);
  return archives;
}

function suite(spec: Partial<SuiteSpec> = {}): SuiteSpec {
  const packages = {
    main: [{ name: "one" }, { name: "two", architecture: "all" }, { name: "three", architecture: "arm64" }],
    extra: [{ name: "four" }],
  };
  return { suite: "bookworm", packages, keys: [key], ...spec };
}

async function serve(files: ArchiveFiles): Promise<ServedArchive> {
  const archive = await serveArchive(files);
  served.push(archive);
  return archive;
}

function source(url: string, more: Partial<PackageSource> = {}): PackageSource {
  return { url, suites: ["bookworm"], components: ["main"], keys: [key.armored], allowUnsigned: false, origin: "packageSources", ...more };
}

const names = (archives: readonly { readonly index: { names(): Iterable<string> } }[]): readonly string[] =>
  archives.flatMap(({ index }) => [...index.names()]);

describe("an archive", () => {
  it("is opened for several architectures, and only the needed files are fetched", async () => {
    const archive = await serve(await buildArchive([suite()]));
    const own = source(archive.url, { components: ["main", "extra"] });
    const all = await openArchives().openAll([own], ["amd64", "arm64"]);
    expect(names(archivesFor(all, "amd64"))).to.deep.equal(["one", "two", "four"]);
    expect(names(archivesFor(all, "arm64"))).to.deep.equal(["three", "two"]);
    expect(all.flatMap(({ notices }) => notices)).to.deep.equal([]);
    expect(
      archive.requests.every((path) => path.endsWith("InRelease") || path.includes("/by-hash/SHA256/")),
      archive.requests.join("\n"),
    ).to.equal(true);
    expect(new Set(archive.requests).size).to.equal(archive.requests.length);
    const [archiveOfOne] = archivesFor(all, "amd64");
    expect(archiveOfOne?.priority).to.equal(500);
    expectThat(archiveOfOne !== undefined);
    expect(archiveOfOne.index.stanzas("one")[0] ?? "").to.match(/^Package: one\nVersion: 1\.0-1\n/);
  });

  it("costs only its release data when nothing changed, and nothing twice in an operation", async () => {
    const files = await buildArchive([suite()]);
    const archive = await serve(files);
    const directory = folder();
    const first = await openArchives(directory).open(source(archive.url), "bookworm", ["amd64", "arm64"]);
    archive.requests.length = 0;
    const again = openArchives(directory);
    const releases = await Promise.all([
      again.openRelease(source(archive.url), "bookworm"),
      again.openRelease(source(archive.url), "bookworm"),
    ]);
    const warm = await again.open(source(archive.url), "bookworm", ["arm64", "amd64"]);
    expect(archive.requests).to.deep.equal(["dists/bookworm/InRelease"]);
    expect(releases[0].digest).to.equal(first.release.digest);
    expect(names(archivesFor([warm], "amd64"))).to.deep.equal(["one", "two"]);
  });

  it("describes what was used", async () => {
    const date = new Date("2026-02-03T04:05:06Z");
    const archive = await serve(await buildArchive([suite({ date })]));
    const release = await openArchives().openRelease(source(archive.url), "bookworm");
    expect(describeRelease(release)).to.deep.equal({
      family: "debian",
      url: archive.url,
      suite: "bookworm",
      components: ["main"],
      origin: "packageSources",
      digest: release.file,
      date: "2026-02-03T04:05:06.000Z",
    });
    expect(release.file, "the file holds the signature too").to.not.equal(release.digest);
    expect(release.fingerprints).to.deep.equal([key.fingerprint]);
  });

  for (const [name, spec] of [
    ["Release and Release.gpg", { signature: "detached" }],
    ["xz alone", { indexes: [".xz"] }],
    ["gzip alone", { indexes: [".gz"] }],
    ["plain", { indexes: [""] }],
    ["without by-hash", { byHash: false }],
  ] as const) {
    it(`is read with ${name}, over HTTP and from disk`, async () => {
      const files = await buildArchive([suite(spec)]);
      for (const url of [(await serve(files)).url, writeArchive(files, folder())]) {
        const found = await openArchives().open(source(url), "bookworm", ["amd64"]);
        expect(names(archivesFor([found], "amd64"))).to.deep.equal(["one", "two"]);
      }
    });
  }

  it("falls back to names where by-hash is promised and missing", async () => {
    const files = await buildArchive([suite()]);
    for (const path of [...files.keys()].filter((path) => path.includes("by-hash"))) files.delete(path);
    const found = await openArchives().open(source((await serve(files)).url), "bookworm", ["amd64"]);
    expect(names(archivesFor([found], "amd64"))).to.deep.equal(["one", "two"]);
  });

  it("gives backports the priority that their release file asks for", async () => {
    const fields = { NotAutomatic: "yes", ButAutomaticUpgrades: "yes" };
    const archive = await serve(await buildArchive([suite({ fields })]));
    const found = await openArchives().open(source(archive.url), "bookworm", ["amd64"]);
    expect(archivesFor([found], "amd64")[0]?.priority).to.equal(100);
  });

  it("is skipped with a notice if it lacks an architecture, and without one if the source excludes it", async () => {
    const archive = await serve(await buildArchive([suite({ architectures: ["amd64"] })]));
    const found = await openArchives().open(source(archive.url), "bookworm", ["amd64", "arm64"]);
    expect(found.notices.map(({ kind }) => kind)).to.deep.equal(["architecture"]);
    expect(archivesFor([found], "arm64")).to.deep.equal([]);
    const wished = await openArchives().open(source(archive.url, { architectures: ["amd64"] }), "bookworm", ["amd64", "arm64"]);
    expect([wished.notices, archivesFor([wished], "arm64")]).to.deep.equal([[], []]);
  });

  it("may be unsigned only where that is allowed, with a notice each time", async () => {
    const archive = await serve(await buildArchive([suite({ keys: [] })]));
    const allowed = source(archive.url, { allowUnsigned: true, keys: [] });
    const directory = folder();
    for (let time = 0; time < 2; time += 1) {
      const found = await openArchives(directory).open(allowed, "bookworm", ["amd64"]);
      expect(found.notices.map(({ kind }) => kind)).to.deep.equal(["unsigned"]);
      expect(names(archivesFor([found], "amd64"))).to.deep.equal(["one", "two"]);
    }
  });
});

describe("places in an archive", () => {
  it("are below dists, or where an exact path says", () => {
    expect(suiteUrl({ url: "http://a/debian/" }, "bookworm")).to.equal("http://a/debian/dists/bookworm");
    expect(suiteUrl({ url: "http://a/debian" }, "./")).to.equal("http://a/debian");
    expect(suiteUrl({ url: "http://a/debian" }, "x/y/")).to.equal("http://a/debian/x/y");
  });

  it("of packages keep their percent signs and never escape the archive", () => {
    expect(payloadUrl({ url: "http://a/d" }, "pool/x_1%3a2+b1~3_all.deb")).to.equal("http://a/d/pool/x_1%253a2+b1~3_all.deb");
    expect(payloadUrl({ url: "http://a/d" }, "./x.deb")).to.equal("http://a/d/x.deb");
    for (const path of ["../x.deb", "/etc/passwd", "pool/../../x", "x?y", ""])
      expect(() => payloadUrl({ url: "http://a/d" }, path), path).to.throwError({ code: "invalid" });
  });
});
