import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { digestOf } from "../../../../provider/image/digest.js";
import { unpackDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import { arArchive } from "../../../support/archives/ar.js";
import { many, zeros } from "../../../support/archives/bombs.js";
import { controlTar, dataTar, pack } from "../../../support/archives/deb.js";
import { expect } from "../../../support/expectations.js";
import { headerBlock, withData } from "../../../support/tar/archive.js";
import { readAttacks, refused, vouched } from "./attack.js";
import { folder, kept } from "../resolve/attempt.js";

const MIB = 1024 ** 2;
const TEN_GIB = 10 * 1024 ** 3;
const big = headerBlock({ name: "./zeros", size: TEN_GIB });
const tooMuch = /tar entry \/\.\/\S+: the package unpacks to more bytes than a package of its size may: the limit is [0-9,]+$/;
const padded = /data archive: the limit is 1,048,576$/;

/** What, as which member, and how: with its message and the bytes that it is unpacked to at most until then. */
const bombs: readonly (readonly [what: string, name: string, bytes: () => Buffer, message: RegExp, unpacked: number])[] = [
  ["10 GB of zeros in gzip", "data.tar.gz", () => zeros(big, TEN_GIB, ".gz"), tooMuch, MIB],
  ["10 GB of zeros in xz", "data.tar.xz", () => zeros(big, TEN_GIB, ".xz"), tooMuch, MIB],
  ["10 GB of zeros in 1 MB of zstd", "data.tar.zst", () => zeros(big, TEN_GIB, ".zst"), tooMuch, MIB],
  ["10 GB of zeros behind the end, in gzip", "data.tar.gz", () => zeros(dataTar([]), TEN_GIB, ".gz"), padded, 2 * MIB],
  ["10 GB of zeros behind the end, in xz", "data.tar.xz", () => zeros(dataTar([]), TEN_GIB, ".xz"), padded, 2 * MIB],
  ["10 GB of zeros behind the end, in zstd", "data.tar.zst", () => zeros(dataTar([]), TEN_GIB, ".zst"), padded, 2 * MIB],
  ["a thousand files of 10 MB", "data.tar.zst", () => many(withData({ name: "./a" }, Buffer.alloc(10_000_000)), 1000), tooMuch, 513 * MIB],
  ["a million entries", "data.tar.zst", () => many(headerBlock({ name: "./a" }), 1_000_000), /more files: the limit is 125,000/, 129 * MIB],
];

describe("a package is rejected before much of it is unpacked:", () => {
  for (const [what, name, bytes, message, most] of bombs)
    it(what, async () => {
      const deb = arArchive([
        ["debian-binary", Buffer.from("2.0\n")],
        ["control.tar.gz", pack(controlTar({ name: "tool" }), ".gz")],
        [name, bytes()],
      ]);
      const file = join(folder(), "bomb.deb");
      writeFileSync(file, deb);
      let spooled = 0;
      const spool = async (chunk: Buffer): Promise<void> => void (spooled += await Promise.resolve(chunk.length));
      await expect(unpackDeb({ name: "tool", file, digest: digestOf(deb), spool })).to.be.rejectedWithError({ code: "limit", message });
      expect(spooled, `${spooled} bytes were unpacked`).to.be.at.most(most);

      const [attack] = readAttacks([[what, vouched(() => deb), "limit", message]]);
      const directory = folder();
      if (attack !== undefined) await refused(attack, { directory });
      expect(kept(directory)).to.deep.equal({
        "package-files": 1,
        "package-indexes": 1,
        "package-tables": 1,
        "release-dates": 1,
        "verified-releases": 1,
      });
    });
});
