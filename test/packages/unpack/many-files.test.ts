import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { tryInProcess, type PublishAnswer } from "../../proof/publish-in-process.js";
import { debianBase, debianRelease, installed } from "../../pipeline/packages/packages-shop.js";
import { buildApk, buildApkIndex, makeApkKey } from "../../support/archives/apk.js";
import { arArchive } from "../../support/archives/ar.js";
import { buildArchive, type ArchiveFiles } from "../../support/archives/archive.js";
import { controlTar } from "../../support/archives/deb.js";
import { makeKey } from "../../support/archives/keys.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { file } from "../../support/images/layer-tar.js";
import { stopAfter } from "../../support/images/unpackers.js";
import { note } from "../../support/running-test.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { headerBlock } from "../../support/tar/archive.js";

const limit = 350;
type Family = "debian" | "alpine";

/** An archive with packages of these data archives, and the key that it is signed with. */
async function archiveOf(family: Family, packages: Readonly<Record<string, Buffer>>): Promise<readonly [ArchiveFiles, key: string]> {
  const all = Object.entries(packages).map(([name, tar]) => ({ name, data: gzipSync(tar, { level: 1 }) }));
  if (family === "debian") {
    const key = await makeKey("many");
    const main = all.map(({ name, data }) => ({
      name,
      raw: arArchive([["debian-binary", Buffer.from("2.0\n")], ["control.tar.gz", gzipSync(controlTar({ name }))], ["data.tar.gz", data]]), // prettier-ignore
    }));
    return [await buildArchive([{ suite: "bookworm", packages: { main }, keys: [key] }]), key.armored];
  }
  const key = makeApkKey();
  const built = all.map(({ name, data }) => ({ name, ...buildApk({ name, key }, { data }) }));
  const files = new Map(built.map((one) => [`x86_64/${one.name}-1.0-r0.apk`, one.file]));
  files.set("x86_64/APKINDEX.tar.gz", buildApkIndex(built.map(({ stanza }) => stanza.replace(/^I:0$/m, "I:4096")), { key })); // prettier-ignore
  return [files, key.publicKey];
}

const bases = {
  debian: debianBase([installed("base-files", "12.4")], [], debianRelease),
  alpine: debianBase("none", [
    file("lib/apk/db/installed", ""),
    file("etc/apk/world", ""),
    file("etc/apk/arch", "x86_64\n"),
  ], "ID=alpine\nVERSION_ID=3.19.1\n"), // prettier-ignore
};

/** Adds the packages to a small base in a process of its own. */
async function add(family: Family, packages: Readonly<Record<string, Buffer>>): Promise<PublishAnswer> {
  const place = await makeWorkplace();
  stopAfter()(place.remove);
  const [files, key] = await archiveOf(family, packages);
  const folder = join(place.folder, "archive");
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  const target = openSession(place).repositories.open(parseRepository("oci:base"));
  await putImage(target, makeImage(bases[family]), "1");
  const inputs = {
    repository: "oci:base",
    version: "1",
    destination: "oci:out",
    platforms: ["linux/amd64"],
    packages: Object.keys(packages),
    packageSources: [{ url: `file://${folder}`, keys: [key] }],
  };
  const start = Date.now();
  const answer = await tryInProcess({ ...place, inputs: [inputs] });
  note(`peak ${Math.round(answer.peak)} MiB, ${Date.now() - start} ms`);
  return answer;
}

function tarOf(names: readonly string[]): Buffer {
  return Buffer.concat([...names.map((name) => headerBlock({ name })), Buffer.alloc(1024)]);
}

const many = (count: number, prefix = "opt"): Buffer => tarOf(Array.from({ length: count }, (_, at) => `${prefix}/${at}`));

/** By their number, or by what is known of them. */
const tooMany = /: (?:the package has more files: the limit is 125,000|too many files, long names, .* the limit is 83,886,080)/;

/** Files that either family has room for; dpkg's and apk's databases differ in what they take. */
const within = { debian: 50_000, alpine: 45_000 };

describe("packages of very many files", function () {
  this.timeout(600_000);
  for (const family of ["debian", "alpine"] as const) {
    it(`are added within ${limit} MiB: ${within[family]} files, ${family}`, async () => {
      const { error, peak } = await add(family, { evil: many(within[family]) });
      expect(error).to.equal(undefined);
      expect(peak, `the peak was ${peak} MiB`).to.be.above(30);
      expect(peak, `the peak was ${peak} MiB`).to.be.below(limit);
    });

    it(`are rejected within ${limit} MiB: 200,000 files, ${family}`, async () => {
      const { error, peak } = await add(family, { evil: many(200_000) });
      expect(error ?? "published").to.match(/package evil/);
      expect(error ?? "published").to.match(tooMany);
      expect(peak, `the peak was ${peak} MiB`).to.be.above(30);
      expect(peak, `the peak was ${peak} MiB`).to.be.below(limit);
    });

    it(`are rejected where only all together are too many: ${family}`, async () => {
      const { error } = await add(family, { evil: many(70_000), worse: many(70_000, "srv") });
      expect(error ?? "published").to.match(/package \w+, with those before it: too many files/);
    });
  }
});
