import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, it } from "mocha";
import { openCache } from "../../../provider/cache/open.js";
import { Alpine } from "../../../provider/packages/apk/alpine.js";
import type { UnpackedPackage } from "../../../provider/packages/packages.js";
import {
  buildApk,
  buildApkIndex,
  buildApkRepository,
  makeApkKey,
  segment,
  signature,
  type ApkEntry,
  type BuiltApk,
} from "../../support/archives/apk.js";
import { expect } from "../../support/expectations.js";
import { headerBlock, withData } from "../../support/tar/archive.js";
import { fetcher } from "../fetch/fetching.js";
import { served, type Served } from "./archive/served.js";

const key = makeApkKey();
const apk = "x86_64/thing-1.0-r0.apk";
const index = "x86_64/APKINDEX.tar.gz";
const files = [{ name: "usr/bin/thing", data: "program" }];
const good = (): Map<string, Buffer> => buildApkRepository([{ name: "thing", files }, { name: "other" }], { key });

interface Victim {
  readonly directory: string;
  readonly add: () => Promise<readonly UnpackedPackage[]>;
}

/** A new operation each time, with one cache. */
function victimOf({ url }: Served): Victim {
  const made = fetcher();
  const cache = openCache({ directory: made.directory });
  const add = async (): Promise<readonly UnpackedPackage[]> => {
    const family = new Alpine({ cache, fetcher: made, configured: {}, apkDirectory: made.directory });
    const { added } = await family.resolve({
      distribution: { family: "alpine", release: "3.19" },
      base: undefined,
      architecture: "amd64",
      requests: [{ name: "thing", property: "packages[0]" }],
      sources: [{ url, keys: [key.publicKey] }],
      assumeInstalled: [],
    });
    return await Promise.all(added.map((one) => family.unpack(one)));
  };
  return { directory: made.directory, add };
}

/** Files below folders of a cache. */
function written(directory: string, ...kinds: readonly string[]): readonly string[] {
  return kinds
    .filter((kind) => existsSync(join(directory, kind)))
    .flatMap((kind) => readdirSync(join(directory, kind), { recursive: true, withFileTypes: true }))
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

async function refuses(victim: Victim, code: string, message: RegExp): Promise<void> {
  // The second time too: a rejected file must not be taken from the cache.
  for (let time = 1; time <= 2; time += 1) {
    await expect(victim.add()).to.be.rejectedWithError({ name: "DhiError", code, origin: "packages", message });
    expect(written(victim.directory, "package-files", "package-tars", "package-records", "temporary")).to.deep.equal([]);
  }
}

const stranger = makeApkKey("stranger.rsa.pub");
const stanza = buildApk({ name: "thing", files, key }).stanza;
const changedIndex = (text: string): Buffer => buildApkIndex([text], { key });

const indexes: readonly (readonly [string, Buffer, string, RegExp])[] = [
  ["is unsigned", buildApkIndex([stanza]), "invalid", /APKINDEX.tar.gz is not signed/],
  ["is signed by a stranger", buildApkIndex([stanza], { key: stranger }), "invalid", /names "stranger.rsa.pub"/],
  ["is cut off", buildApkIndex([stanza], { key }).subarray(0, -100), "invalid", /none of the 1 keys/],
  ["is not gzip data", Buffer.from("<html>not what you asked for</html>"), "invalid", /not? gzip data/],
  ["has a bell in a package's description", changedIndex(stanza.replace("package thing", "bell\u0007")), "invalid", /control character/],
  [
    "has a name that escapes the folder",
    changedIndex(stanza.replace("P:thing", "P:../../thing").replace("T:", "p:thing\nT:")),
    "invalid",
    /not a valid package name/,
  ],
  ["has a version that escapes the folder", changedIndex(stanza.replace("V:1.0-r0", "V:1/../../x")), "invalid", /version/],
  ["has an invalid size", changedIndex(stanza.replace(/S:\d+/, "S:-1")), "invalid", /field S/],
  ["has a checksum of another kind", changedIndex(stanza.replace(/C:Q1.*/, "C:Q2abc")), "invalid", /checksum/],
  ["has a stanza of 2 MiB", changedIndex(`${stanza}D:${"x ".repeat(1024 * 1024)}\n`), "limit", /the limit is 1048576/],
];

describe("an index that", () => {
  for (const [what, bytes, code, message] of indexes)
    it(`${what} is rejected, and nothing of it is cached`, async () => {
      const archived = await served(good().set(index, bytes));
      const victim = victimOf(archived);
      await refuses(victim, code, message);
    });

  it("is replayed is rejected", async () => {
    const archived = await served(good());
    const victim = victimOf(archived);
    await victim.add();
    archived.files = buildApkRepository([{ name: "thing", files }], { key, date: 1_600_000_000 });
    await expect(victim.add()).to.be.rejectedWithError({ code: "invalid", origin: "packages", message: /went back in time/ });
  });

  it("has 2 GB is rejected once its limit is reached", async () => {
    const archived = await served(good());
    const piece = Buffer.alloc(1024 * 1024, buildApkIndex([stanza], { key }));
    let pieces = 0;
    archived.instead.set(index, (response) => {
      response.writeHead(200, { "content-length": 2 ** 31 });
      const send = (): void => {
        while (!response.destroyed && pieces < 4096) {
          pieces += 1;
          if (!response.write(piece)) return;
        }
      };
      response.on("drain", send);
      send();
    });
    await refuses(victimOf(archived), "limit", /larger than 33554432 bytes/);
    expect(pieces, `${String(pieces)} MiB were sent for two tries`).to.be.below(500);
  });

  it("unpacks to 1 GB is rejected, though it is signed", async () => {
    const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 1 });
    const bytes = Buffer.concat(Array.from({ length: 16 }, () => zeros));
    const archived = await served(good().set(index, Buffer.concat([signature(bytes, key), bytes])));
    await refuses(victimOf(archived), "limit", /unpacks to more than 134217728 bytes/);
  });
});

const own = good().get(apk) ?? Buffer.alloc(0);

/** Signed by the same key, and as long as what the index lists. */
function swapped(): Buffer {
  for (let at = 0; ; at += 1) {
    // Of many lengths: signatures pack to a few bytes more or less, by chance of the key.
    const data = randomBytes((at % 16) + 1);
    const { file } = buildApk({ name: "thing", files: [{ name: "usr/bin/thing", data }], key });
    if (file.length === own.length) return file;
    expect(at).to.be.below(10_000);
  }
}

const payloads: readonly (readonly [string, Buffer, string, RegExp])[] = [
  ["of another package", good().get("x86_64/other-1.0-r0.apk") ?? Buffer.alloc(0), "mismatch", /ended after|has \d+ bytes, but/],
  [
    "with other content of the same length",
    swapped(),
    "mismatch",
    /control segment has the checksum Q1.*, but the package index states Q1/,
  ],
  [
    "with its own control and other data",
    Buffer.concat([own.subarray(0, -50), Buffer.alloc(50, 1)]),
    "mismatch",
    /data segment has sha256/,
  ],
  ["cut off", own.subarray(0, -1), "mismatch", /bytes, but|ended after/],
  ["with more behind it", Buffer.concat([own, Buffer.alloc(1)]), "mismatch", /bytes, but|more than/],
  ["that is not a package", Buffer.alloc(own.length, 1), "invalid", /not? gzip data/],
];

describe("a package's file", () => {
  for (const [what, bytes, code, message] of payloads)
    it(`${what} is rejected, and nothing of it is cached`, async () => {
      await refuses(victimOf(await served(good().set(apk, bytes))), code, message);
    });

  it("that matches is accepted", async () => {
    const victim = victimOf(await served(good()));
    const [thing] = await victim.add();
    expect(thing?.entries.map(({ path }) => path)).to.deep.equal(["usr/bin/thing"]);
    expect(written(victim.directory, "package-files", "package-tars", "package-records").length).to.equal(3);
  });
});

const data = (...entries: readonly ApkEntry[]): BuiltApk => buildApk({ name: "thing", files: entries, key });
const control = (...parts: readonly Buffer[]): BuiltApk => buildApk({ name: "thing", files, key }, { control: segment(...parts) });
const info = withData({ name: ".PKGINFO" }, `pkgname = thing\npkgver = 1.0-r0\ndatahash = ${"0".repeat(64)}\n`);

/** Members of zeros: a tenth of a per mille of what they unpack to. */
function zeros(bytes: number): Buffer {
  const piece = 64 * 1024 * 1024;
  const packed = gzipSync(Buffer.alloc(piece), { level: 1 });
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / piece) }, () => packed));
}

/** A hundred thousand headers, packed into members of a thousand. */
function manyEntries(count: number): Buffer {
  const packed = gzipSync(Buffer.concat(Array.from({ length: 1000 }, (_, at) => headerBlock({ name: `f${String(at)}` }))), { level: 9 });
  return Buffer.concat([...Array.from({ length: count / 1000 }, () => packed), gzipSync(Buffer.alloc(1024))]);
}

/** Signed by the archive itself: trusted for what its packages are, not for what they may do to this machine. */
const packages: readonly (readonly [string, () => BuiltApk, string, RegExp])[] = [
  ["escapes the root", () => data({ name: "../../etc/cron.d/x", data: "x" }), "invalid", /contains "\.\."/],
  ["escapes the root in the middle", () => data({ name: "usr/../../x", data: "x" }), "invalid", /contains "\.\."/],
  ["has an absolute name", () => data({ name: "/etc/passwd", data: "x" }), "invalid", /name is absolute/],
  ["has a newline in a name", () => data({ name: "a\nF:etc", data: "x" }), "invalid", /control character/],
  ["links out of the root", () => data({ name: "usr/x", type: "2", link: "../../etc/passwd" }), "invalid", /outside of the root/],
  ["has a hard link to an absolute path", () => data({ name: "x", type: "1", link: "/etc/shadow" }), "invalid", /absolute path/],
  [
    "has a hard link to a file that it does not have",
    () => data({ name: "x", type: "1", link: "etc/shadow" }),
    "invalid",
    /which the package does not have/,
  ],
  [
    "writes through its own link",
    () => data({ name: "x", type: "2", link: "/etc" }, { name: "x/passwd", data: "x" }),
    "invalid",
    /it is below/,
  ],
  ["has a block device", () => data({ name: "dev/sda", type: "4", device: [8, 0] }), "invalid", /block device/],
  ["has a character device", () => data({ name: "dev/mem", type: "3", device: [1, 1] }), "invalid", /character device/],
  ["is not a tar", () => buildApk({ name: "thing", key }, { data: gzipSync(Buffer.alloc(2048, 1)) }), "invalid", /checksum is wrong/],
  ["escapes the root in its control segment", () => control(withData({ name: "../x" }, "x"), info), "invalid", /contains "\.\."/],
  ["has an absolute name in its control segment", () => control(withData({ name: "/.x" }, "x"), info), "invalid", /name is absolute/],
  [
    "has a file of the image in its control segment",
    () => control(info, withData({ name: "x" }, "x")),
    "invalid",
    /only files that start with a period/,
  ],
  [
    "has a device in its control segment",
    () => control(headerBlock({ name: ".x", type: "3", device: [1, 1] }), info),
    "invalid",
    /is not a regular file/,
  ],
  [
    "unpacks its control segment to 100 MB",
    () => control(info, withData({ name: ".x" }, Buffer.alloc(100_000_000))),
    "limit",
    /10485760|limit/,
  ],
  [
    "states 10 GB",
    () =>
      buildApk(
        { name: "thing", key },
        { data: Buffer.concat([gzipSync(headerBlock({ name: "x", size: 8_000_000_000 })), zeros(2 ** 33)]) },
      ),
    "limit",
    /more bytes/,
  ],
  [
    "ends, and 10 GB of zeros follow",
    () => buildApk({ name: "thing", key }, { data: zeros(10 * 2 ** 30) }),
    "limit",
    /more bytes follow the end/,
  ],
  ["has a million entries", () => buildApk({ name: "thing", key }, { data: manyEntries(1_000_000) }), "limit", /too many files/],
  ["says that it is another package", () => buildApk({ name: "impostor", files, key }), "invalid", /its .PKGINFO says impostor-1.0-r0/],
];

describe("a package that its archive signed and that", () => {
  for (const [what, build, code, message] of packages)
    it(`${what} is rejected, and nothing of it is cached`, async () => {
      const { file, stanza: listed } = build();
      const archived = await served(
        good()
          .set(apk, file)
          .set(index, changedIndex(listed.replace("P:impostor", "P:thing"))),
      );
      await refuses(victimOf(archived), code, message);
    });
});
