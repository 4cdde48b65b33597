import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { DhiError } from "../../../../provider/errors.js";
import { Archives, type ArchivesOptions, type OpenedArchive } from "../../../../provider/packages/deb/archive/archive.js";
import { createFetcher } from "../../../../provider/packages/fetch/fetch.js";
import type { PackageSource } from "../../../../provider/packages/packages.js";
import { buildArchive, type ArchiveFiles, type SuiteSpec } from "../../../support/archives/archive.js";
import { makeKey, type ArchiveKey } from "../../../support/archives/keys.js";
import { writeArchive } from "../../../support/archives/serve.js";
import { expect, expectThat } from "../../../support/expectations.js";

const root = mkdtempSync(join(tmpdir(), "dhi-refusals-"));
let key: ArchiveKey;
let other: ArchiveKey;
let folders = 0;

before(async () => {
  [key, other] = await Promise.all([makeKey("archive"), makeKey("other")]);
});
after(() => {
  rmSync(root, { recursive: true });
});

function folder(): string {
  const path = join(root, String((folders += 1)));
  mkdirSync(path);
  return path;
}

async function build(spec: Partial<SuiteSpec> = {}): Promise<ArchiveFiles> {
  return await buildArchive([{ suite: "bookworm", packages: { main: [{ name: "one" }] }, keys: [key], ...spec }]);
}

/** Opens the archive that `files` are, as a source that trusts `key`. */
async function open(
  files: ArchiveFiles,
  more: Partial<PackageSource> & Partial<Pick<ArchivesOptions, "now">> & { directory?: string; archive?: string } = {},
): Promise<OpenedArchive> {
  const { directory = folder(), archive = folder(), now, ...fields } = more;
  const cache = openCache({ directory });
  const archives = new Archives({ fetcher: createFetcher({ cache, firstDelay: 1, aptDirectory: directory }), cache, now });
  const url = writeArchive(files, archive);
  const source: PackageSource = {
    url,
    suites: ["bookworm"],
    components: ["main"],
    keys: [key.armored],
    allowUnsigned: false,
    origin: "packageSources",
    ...fields,
  };
  try {
    return await archives.open(source, "bookworm", ["amd64"]);
  } finally {
    archives.close();
  }
}

async function refuses(files: ArchiveFiles, code: string, message: RegExp, more: Parameters<typeof open>[1] = {}): Promise<void> {
  const directory = folder();
  await expect(open(files, { directory, ...more })).to.be.rejectedWithError((thrown) => {
    expectThat(thrown instanceof DhiError, String(thrown));
    expect(thrown.message).to.match(message);
    expect([thrown.code, thrown.origin]).to.deep.equal([code, "packages"]);
    expectThat((thrown.hint ?? "") !== "", "a way out is missing");
    return true;
  });
  const indexes = readdirSync(directory).includes("package-indexes") ? readdirSync(join(directory, "package-indexes")) : [];
  expect(indexes, "something was kept").to.deep.equal([]);
}

const index = "dists/bookworm/main/binary-amd64/Packages.gz";

/** Puts other bytes in place of the package index, under its hash too. */
function replaceIndex(files: ArchiveFiles, bytes: Buffer): ArchiveFiles {
  const old = files.get(index);
  for (const [path, found] of files) if (found === old) files.set(path, bytes);
  return files;
}

describe("release data is rejected", () => {
  it("that is unsigned", async () => {
    await refuses(await build({ keys: [] }), "invalid", /neither InRelease nor Release\.gpg/);
  });

  it("that claims to be signed and is not", async () => {
    const files = await build();
    files.set("dists/bookworm/InRelease", (await build({ keys: [] })).get("dists/bookworm/Release") ?? Buffer.alloc(0));
    await refuses(files, "invalid", /is not signed/);
  });

  it("that another key signed, inline and apart", async () => {
    for (const signature of ["inline", "detached"] as const)
      await refuses(await build({ keys: [other], signature }), "invalid", new RegExp(other.id));
  });

  it("that a key outside of the source, or of its fingerprints, signed", async () => {
    await refuses(await build(), "invalid", /there are none/, { keys: [] });
    await refuses(await build(), "invalid", /allows only/, { keys: [key.armored, other.armored], fingerprints: [other.fingerprint] });
  });

  it("that was changed after it was signed", async () => {
    const files = await build();
    const text = String(files.get("dists/bookworm/InRelease")).replace("Origin: Tests", "Origin: Evil!");
    files.set("dists/bookworm/InRelease", Buffer.from(text));
    await refuses(files, "mismatch", /bad signature/);
    const apart = await build({ signature: "detached" });
    apart.set("dists/bookworm/Release", Buffer.from(String(apart.get("dists/bookworm/Release")).replace("Tests", "Evil!")));
    await refuses(apart, "mismatch", /bad signature/);
  });

  it("that is of another suite, though the same key signed it", async () => {
    const files = await buildArchive([{ suite: "trixie", packages: { main: [{ name: "one" }] }, keys: [key] }]);
    const moved: ArchiveFiles = new Map([...files].map(([path, bytes]) => [path.replace("dists/trixie", "dists/bookworm"), bytes]));
    await refuses(moved, "invalid", /release of trixie where bookworm was requested/);
  });

  it("that does not exist", async () => {
    await refuses(new Map([["x", Buffer.from("x")]]), "not-found", /no suite "bookworm"/);
  });

  it("that went back in time, unless only another source's did", async () => {
    const directory = folder();
    const archive = folder();
    const old = await build({ date: new Date("2026-01-01T00:00:00Z") });
    await open(await build({ date: new Date("2026-02-01T00:00:00Z") }), { directory, archive });
    await expect(open(old, { directory, archive })).to.be.rejectedWithError({
      code: "invalid",
      message: /went back in time: it is dated 2026-01-01.*dated 2026-02-01/,
    });
    await open(old, { directory });
    await open(await build({ date: new Date("2026-02-01T00:00:00Z") }), { directory, archive });
  });

  it("that has expired, unless that is allowed; then it is a notice", async () => {
    const files = await build({ date: new Date("2026-01-01T00:00:00Z"), validUntil: new Date("2026-01-08T00:00:00Z") });
    await refuses(files, "invalid", /expired at 2026-01-08/);
    await expect(open(files)).to.be.rejectedWithError(
      (thrown) => thrown instanceof DhiError && /clock.*allowExpired/.test(thrown.hint ?? ""),
    );
    const { notices } = await open(files, { allowExpired: true });
    expect(notices.map(({ kind }) => kind)).to.deep.equal(["expired"]);
    expect(notices[0]?.message ?? "").to.match(/expired at 2026-01-08.*allowExpired permits it/);
    expect((await open(files, { now: () => new Date("2026-01-07T00:00:00Z") })).notices).to.deep.equal([]);
  });

  it("without remembering a date in the future", async () => {
    const directory = folder();
    const archive = folder();
    const now = (): Date => new Date("2026-03-01T00:00:00Z");
    await open(await build({ date: new Date("2036-01-01T00:00:00Z") }), { directory, archive, now });
    await open(await build({ date: new Date("2026-02-01T00:00:00Z") }), { directory, archive, now });
  });
});

describe("a package index is rejected", () => {
  it("with other bytes of the same length", async () => {
    const files = await build();
    const bytes = Buffer.from(files.get(index) ?? "");
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    await refuses(replaceIndex(files, bytes), "mismatch", /its digest is/);
  });

  it("that is another file of the archive", async () => {
    const files = await build({ packages: { main: [{ name: "one" }, { name: "two", architecture: "arm64" }] } });
    const arm = files.get(index.replace("amd64", "arm64"));
    expectThat(arm !== undefined);
    await refuses(replaceIndex(files, arm), "mismatch", /does not match what its archive states/);
  });

  it("that is truncated or too long", async () => {
    const bytes = (await build()).get(index) ?? Buffer.alloc(0);
    await refuses(replaceIndex(await build(), bytes.subarray(0, -1)), "mismatch", /ended after/);
    await refuses(replaceIndex(await build(), Buffer.concat([bytes, bytes])), "mismatch", /more than the/);
  });

  it("that unpacks to more than is stated", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const files = await build({ keys: [] });
    const text = String(files.get("dists/bookworm/Release"));
    const old = files.get(index) ?? Buffer.alloc(0);
    const { sha256 } = await import("../../../support/archives/archive.js");
    files.set("dists/bookworm/Release", Buffer.from(text.replace(new RegExp(`${sha256(old)} +\\d+`), `${sha256(bomb)} ${bomb.length}`)));
    replaceIndex(files, bomb);
    files.set(`dists/bookworm/main/binary-amd64/by-hash/SHA256/${sha256(bomb)}`, bomb);
    await refuses(files, "mismatch", /unpacks to more than \d+ bytes/, { keys: [], allowUnsigned: true });
  });

  it("that is not there, as a component", async () => {
    await refuses(await build(), "not-found", /no component "contrib" for amd64: it has main/, { components: ["contrib"] });
  });

  it("whose file is missing", async () => {
    const files = await build();
    for (const path of [...files.keys()].filter((path) => path.includes("binary-amd64"))) files.delete(path);
    await refuses(files, "not-found", /Packages\.gz does not exist/);
  });
});
