import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import type { ApkRepository } from "../../../../provider/packages/apk/formats/apk-package.js";
import { ApkArchives, describeIndex, isIndexUnchanged } from "../../../../provider/packages/apk/archive/archive.js";
import { buildApkRepository, makeApkKey, type ApkKey, type ApkSpec } from "../../../support/archives/apk.js";
import type { ArchiveFiles } from "../../../support/archives/archive.js";
import { writeArchive } from "../../../support/archives/serve.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { fetcher, folder } from "../../fetch/fetching.js";
import { served } from "./served.js";

const key = makeApkKey();
/** So many that the index is longer than what is read of it for its signature. */
const many: readonly ApkSpec[] = Array.from({ length: 150 }, (_, at) => ({ name: `package-${String(at)}` }));

function repository(url: string, options: { keys?: readonly ApkKey[]; allowUnsigned?: boolean } = {}): ApkRepository {
  const { keys = [key], allowUnsigned = false } = options;
  const source = {
    url,
    suites: [],
    components: [],
    keys: keys.map(({ publicKey }) => publicKey),
    allowUnsigned,
    origin: "packageSources",
  } as const;
  return { url, tag: undefined, source };
}

function archives(): { archives: ApkArchives; fetcher: ReturnType<typeof fetcher> } {
  const made = fetcher();
  return { archives: new ApkArchives({ fetcher: made, cache: openCache({ directory: made.directory }) }), fetcher: made };
}

describe("an archive of Alpine", () => {
  for (const ranges of [true, false])
    it(`is read, verified and kept; what is unchanged costs its signature alone (${ranges ? "with" : "without"} ranges)`, async () => {
      const archive = await served(buildApkRepository(many, { key }), ranges);
      const made = fetcher();
      const open = async () => {
        const opened = await new ApkArchives({ fetcher: made, cache: openCache({ directory: made.directory }) }).openAll(
          [repository(archive.url)],
          "x86_64",
        );
        return opened[0] ?? expect.fail();
      };
      const first = await open();
      expect(first.text.match(/^P:/gm)?.length).to.equal(many.length);
      expect(first.notices).to.deep.equal([]);
      const used = describeIndex(first);
      expect(used).to.deep.equal({
        family: "alpine",
        url: `${archive.url}/x86_64`,
        suite: "",
        components: [],
        origin: "packageSources",
        digest: first.digest,
        date: first.date?.toISOString(),
      });
      archive.sent.length = 0;
      expect((await open()).text).to.equal(first.text);
      expect(await isIndexUnchanged(made, used)).to.equal(true);
      expect(archive.sent.map(([path]) => path)).to.deep.equal(["x86_64/APKINDEX.tar.gz", "x86_64/APKINDEX.tar.gz"]);
      if (ranges) for (const [, size] of archive.sent) expect(size).to.be.at.most(8192);
      archive.files = buildApkRepository([...many, { name: "new" }], { key, date: 1_700_000_001 });
      expect(await isIndexUnchanged(made, used)).to.equal(false);
      expect((await open()).text).to.match(/^P:new$/m);
    });

  it("is opened once for all callers, and from disk", async () => {
    const directory = folder();
    const url = writeArchive(buildApkRepository(many, { key }), directory);
    const { archives: both, fetcher: made } = archives();
    const [[one], [two]] = await Promise.all([both.openAll([repository(url)], "x86_64"), both.openAll([repository(url)], "x86_64")]);
    expect(one).to.equal(two);
    expect(one !== undefined && (await isIndexUnchanged(made, describeIndex(one)))).to.equal(true);
    expect(url).to.equal(pathToFileURL(directory).href);
  });

  it("is an error that names it if it does not exist, or not for the architecture", async () => {
    const archive = await served(buildApkRepository([{ name: "a" }], { key }));
    await expect(archives().archives.openAll([repository(archive.url)], "aarch64")).to.be.rejectedWithError({
      code: "not-found",
      origin: "packages",
      message: `there is no package index ${archive.url}/aarch64/APKINDEX.tar.gz`,
    });
    expect(await isIndexUnchanged(fetcher(), { url: `${archive.url}/aarch64`, origin: "packageSources", digest: "sha256:" })).to.equal(
      false,
    );
  });

  it("is read unsigned where that is allowed, each time with a notice, and not cached", async () => {
    const archive = await served(buildApkRepository(many, {}));
    const { archives: opened, fetcher: made } = archives();
    const [index] = await opened.openAll([repository(archive.url, { keys: [], allowUnsigned: true })], "x86_64");
    expectThat(index);
    expect(index.notices.map(({ kind }) => kind)).to.deep.equal(["unsigned"]);
    expect(await isIndexUnchanged(made, describeIndex(index))).to.equal(true);
    expect(readdirSync(made.directory)).to.not.include("apk-indexes");
    archive.files = buildApkRepository([...many, { name: "new" }], {});
    expect(await isIndexUnchanged(made, describeIndex(index))).to.equal(false);
  });

  it("is verified again for a source with other keys, even from the cache", async () => {
    const archive = await served(buildApkRepository(many, { key }));
    const { archives: opened } = archives();
    await opened.openAll([repository(archive.url)], "x86_64");
    await expect(opened.openAll([repository(archive.url, { keys: [makeApkKey()] })], "x86_64")).to.be.rejectedWithError({
      code: "invalid",
      message: /none of the 1 keys/,
    });
  });

  it("is fetched again if it is damaged in the cache", async () => {
    const archive = await served(buildApkRepository(many, { key }));
    const made = fetcher();
    const open = () =>
      new ApkArchives({ fetcher: made, cache: openCache({ directory: made.directory }) }).openAll([repository(archive.url)], "x86_64");
    const [first] = await open();
    const folders = join(made.directory, "apk-indexes");
    const [kept, ...others] = readdirSync(folders, { recursive: true, encoding: "utf8" }).filter((name) => name.length > 40);
    expectThat(kept !== undefined && others.length === 0);
    const bytes = readFileSync(join(folders, kept));
    writeFileSync(join(folders, kept), bytes.fill(0, bytes.length - 100));
    const [second] = await open();
    expect(second?.text).to.equal(first?.text);
  });

  it("is rejected if it goes back in time, for every source with the same keys", async () => {
    const archive = await served(buildApkRepository(many, { key, date: 1_700_000_500 }));
    const made = fetcher();
    const open = (keys: readonly ApkKey[] = [key]) =>
      new ApkArchives({ fetcher: made, cache: openCache({ directory: made.directory }) }).openAll(
        [repository(archive.url, { keys })],
        "x86_64",
      );
    await open();
    archive.files = buildApkRepository(many.slice(1), { key, date: 1_700_000_499 });
    await expect(open()).to.be.rejectedWithError({
      code: "invalid",
      origin: "packages",
      message: /went back in time: it is dated 2023-11-14T22:21:39.000Z, but was dated 2023-11-14T22:21:40.000Z before/,
    });
    archive.files = buildApkRepository(many.slice(1), { key, date: 0 });
    await expect(open()).to.be.rejectedWithError({ code: "invalid", message: /went back in time: it has no date/ });
    archive.files = buildApkRepository(many.slice(1), { key, date: 1_700_000_500 });
    await open();
  });

  it("is rejected if it is of another branch, though the same keys signed it", async () => {
    const files = (description: string): ArchiveFiles =>
      new Map([...buildApkRepository([{ name: "a" }], { key, description })].map(([path, bytes]) => [`v3.19/main/${path}`, bytes]));
    const open = async (description: string): Promise<unknown> => {
      const archive = await served(files(description));
      return await archives().archives.openAll([repository(`${archive.url}/v3.19/main`)], "x86_64");
    };
    await open("v3.19.1-643-gec825d20535");
    await open("");
    await open("our own build 7");
    await expect(open("v3.18.6-12-gabcdef")).to.be.rejectedWithError({
      code: "invalid",
      origin: "packages",
      message: /is the index of Alpine 3\.18 where that of 3\.19 was requested/,
    });
  });

  it("does not lock out later dates by a date in the future", async () => {
    const archive = await served(buildApkRepository(many, { key, date: 4_000_000_000 }));
    const made = fetcher();
    const open = () =>
      new ApkArchives({ fetcher: made, cache: openCache({ directory: made.directory }) }).openAll([repository(archive.url)], "x86_64");
    await open();
    archive.files = buildApkRepository(many.slice(1), { key, date: 1_700_000_000 });
    await open();
  });
});
