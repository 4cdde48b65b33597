import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { DhiError } from "../../../../provider/errors.js";
import { digestOf } from "../../../../provider/image/digest.js";
import { Debian } from "../../../../provider/packages/deb/debian.js";
import { packageRecords, packageTars } from "../../../../provider/packages/deb/install/unpack-job.js";
import { decodeUnpacked } from "../../../../provider/packages/unpack/unpacked-record.js";
import { work } from "../../../../provider/packages/deb/work-pool.js";
import { createFetcher } from "../../../../provider/packages/fetch/fetch.js";
import type { AddedPackage, UnpackedPackage } from "../../../../provider/packages/packages.js";
import { buildDeb, dataTar, type DebFile } from "../../../support/archives/deb.js";
import { expect, expectThat } from "../../../support/expectations.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-unpack-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const files: readonly DebFile[] = [
  { name: "etc/thing", data: "setting\n" },
  { name: "usr/bin/thing", mode: 0o4755, data: "program" },
  { name: "usr/bin/other", type: "1", link: "./usr/bin/thing" },
  { name: "usr/lib/thing/up", type: "2", link: "../../../etc/thing" },
];
const bytes = buildDeb({ name: "thing", files, members: { postinst: "#!/bin/sh\n", conffiles: "/etc/thing\n" } });
const file = join(directory, "thing.deb");
writeFileSync(file, bytes);
const digest = digestOf(bytes);

function added(changes: Partial<AddedPackage> = {}): AddedPackage {
  const source = { url: "file:///", suites: [], components: [], keys: [], allowUnsigned: true, origin: "packageSources" } as const;
  const payload = { url: `file://${file}`, checksum: digest, size: bytes.length, source };
  return { name: "thing", version: "1.0-1", architecture: "amd64", requested: true, chain: ["thing"], payload, stanza: "", ...changes };
}

let folders = 0;
const folder = (): string => join(directory, `cache-${String((folders += 1))}`);
const open = (cacheDirectory: string): Debian => {
  const cache = openCache({ directory: cacheDirectory });
  return new Debian({ cache, configured: {}, fetcher: createFetcher({ cache, firstDelay: 1, aptDirectory: directory }) });
};

it("a package unpacks the same from the file and from the cache, which then needs neither file nor payload", async () => {
  const cacheDirectory = folder();
  const cold = await open(cacheDirectory).unpack(added());
  expect([...cold.control.keys()]).to.deep.equal(["control", "md5sums", "postinst", "conffiles"]);
  const kept = cold.entries.find(({ path }) => path === "etc/thing");
  expectThat(kept !== undefined && "node" in kept && kept.node.content?.from === "bytes");
  expect(kept.node.content.bytes.toString()).to.equal("setting\n");
  for (const kind of ["package-files", packageTars]) rmSync(join(cacheDirectory, kind), { recursive: true });
  const plain = ({ entries, control, libraries }: UnpackedPackage): unknown => ({ entries, control, libraries });
  expect(plain(await open(cacheDirectory).unpack(added()))).to.deep.equal(plain(cold));
  const again = open(cacheDirectory);
  const tar = await again.payloadTar(cold);
  expect(readFileSync(tar).equals(dataTar(files))).to.equal(true);
});

it("a record that is damaged, or of another release, is rebuilt", async () => {
  const cacheDirectory = folder();
  const cache = openCache({ directory: cacheDirectory });
  const cold = await open(cacheDirectory).unpack(added());
  const record = (await cache.read(packageRecords, digest)) ?? Buffer.alloc(0);
  const flipped = Buffer.from(record).fill(1, 80, 84);
  for (const bad of [Buffer.alloc(0), record.subarray(0, -1), flipped, Buffer.from("dhi unpacked package 0")]) {
    expect(() => decodeUnpacked(bad)).to.throwError((thrown) => thrown instanceof DhiError && thrown.code === "invalid");
    await cache.write(packageRecords, digest, bad);
    expect((await open(cacheDirectory).unpack(added())).entries).to.deep.equal(cold.entries);
  }
});

it("another package's file is rejected, from the cache too", async () => {
  const cacheDirectory = folder();
  const refused = /package other_1\.0-1_amd64: its control file says thing 1\.0-1 amd64/;
  await expect(open(cacheDirectory).unpack(added({ name: "other" }))).to.be.rejectedWithError(refused);
  await open(cacheDirectory).unpack(added());
  await expect(open(cacheDirectory).unpack(added({ name: "other" }))).to.be.rejectedWithError(refused);
});

it("a thread fails as the work itself does, and continues with the next job", async () => {
  const bad = join(directory, "bad.deb");
  writeFileSync(bad, "!<arch>\nnonsense");
  const job = (name: string, of: string): Parameters<typeof work>[0] => ({
    kind: "unpack",
    cacheDirectory: join(directory, "threads"),
    name,
    file: of,
    digest,
    expected: { name: "thing", version: "1.0-1", architecture: "amd64" },
  });
  const [here, there] = await Promise.all(
    [false, true].map(async (inThread) => await work(job("bad", bad), inThread).catch((thrown: unknown) => thrown)),
  );
  expectThat(here instanceof DhiError && there instanceof DhiError);
  expect([there.code, there.message, there.origin]).to.deep.equal([here.code, here.message, here.origin]);
  const outcomes = await Promise.allSettled([work(job("bad", bad), true), work(job("thing", file), true), work(job("bad", bad), true)]);
  expect(outcomes.map(({ status }) => status)).to.deep.equal(["rejected", "fulfilled", "rejected"]);
});
