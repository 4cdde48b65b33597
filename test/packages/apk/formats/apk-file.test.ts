import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { after, it } from "mocha";
import { digestOf } from "../../../../provider/image/digest.js";
import { ApkCheck } from "../../../../provider/packages/apk/formats/apk-check.js";
import { unpackApk, type UnpackedApk } from "../../../../provider/packages/apk/formats/apk-file.js";
import { takeRecords } from "../../../../provider/packages/apk/formats/installed-records.js";
import { splitStanzas, parseStanza } from "../../../../provider/packages/apk/formats/package-stanza.js";
import { buildApk, makeApkKey, segment, type ApkSpec, type BuiltApk } from "../../../support/archives/apk.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";
import { archive, headerBlock, withData } from "../../../support/tar/archive.js";
import { alpine, withoutAlpine } from "../install/alpine-root.js";
import { readApkIndexText } from "../archive/index-text.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-apk-"));
after(() => {
  rmSync(directory, { recursive: true });
});

let count = 0;
async function unpack(file: Buffer, checksum: string): Promise<UnpackedApk & { tar: Buffer }> {
  const path = join(directory, String(count++));
  writeFileSync(path, file);
  const tar: Buffer[] = [];
  const spool = async (chunk: Buffer): Promise<void> => {
    tar.push(await Promise.resolve(chunk));
  };
  return { ...(await unpackApk({ name: "thing-1.0-r0", file: path, checksum, spool })), tar: Buffer.concat(tar) };
}

const spec: ApkSpec = {
  name: "thing",
  files: [
    { name: "usr/", type: "5", mode: 0o755 },
    { name: "usr/bin/", type: "5", mode: 0o755 },
    { name: "usr/bin/thing", mode: 0o4755, data: "program" },
    { name: "usr/bin/other", type: "1", link: "usr/bin/thing" },
    { name: "usr/bin/link", type: "2", link: "/usr/bin/thing" },
    {
      name: "etc/thing.conf",
      data: "setting",
      patches: [
        [265, "thing"],
        [297, "things"],
      ],
    },
    { name: ".hidden", data: "of the package itself" },
  ],
  scripts: { ".post-install": "#!/bin/sh\n" },
  key: makeApkKey(),
};

it("a package is unpacked: control files, entries that point into the spooled tar, records of the database", async () => {
  const built = buildApk(spec);
  const { control, payload, entries, tar } = await unpack(built.file, built.checksum);
  expect([...control.keys()]).to.deep.equal([".PKGINFO", ".post-install"]);
  expect(payload).to.equal(digestOf(built.data));
  expect(entries.map(({ path }) => path)).to.deep.equal([
    "usr",
    "usr/bin",
    "usr/bin/thing",
    "usr/bin/other",
    "usr/bin/link",
    "etc/thing.conf",
  ]);
  const known = new Map(entries.map((entry) => [entry.path, entry]));
  const program = known.get("usr/bin/thing");
  expectThat(program !== undefined && "node" in program && program.node.content?.from === "layer");
  expect(program.node.mode).to.equal(0o4755);
  expect(program.node.content.blob).to.equal(payload);
  const [extent] = program.node.content.extents;
  expect(tar.toString("latin1", extent?.position, (extent?.position ?? 0) + (extent?.length ?? 0))).to.equal("program");
  expect(takeRecords(program.node).sha1).to.equal(createHash("sha1").update("program").digest("hex"));
  expect(known.get("usr/bin/other")).to.deep.equal({ path: "usr/bin/other", link: "usr/bin/thing" });
  const setting = known.get("etc/thing.conf");
  expectThat(setting !== undefined && "node" in setting);
  expect(setting.node.content?.from).to.equal("bytes");
  expect(takeRecords(setting.node).owner).to.deep.equal({ user: "thing", group: "things" });
});

it("a package without its own signature is verified by the index, and its data may have several gzip members", async () => {
  const { key: _, ...unsigned } = spec;
  const tar = archive(withData({ name: "a" }, "1"), withData({ name: "b" }, "2"));
  const built = buildApk(unsigned, { data: Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]) });
  const { entries } = await unpack(built.file, built.checksum);
  expect(entries.map(({ path }) => path)).to.deep.equal(["a", "b"]);
});

it("a package is checked in pieces of any size", () => {
  const built = buildApk(spec);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const check = new ApkCheck(built.checksum);
      for (let at = 0, piece = 0; at < built.file.length; piece += 1) {
        const size = sizes[piece % sizes.length] ?? 1;
        check.write(built.file.subarray(at, at + size));
        at += size;
      }
      expect(check.end().data).to.equal(digestOf(built.data));
    }),
  );
});

const other = buildApk({ ...spec, version: "2.0-r0" });
const good = buildApk(spec);
const refused: readonly (readonly [string, Buffer, BuiltApk, string, RegExp])[] = [
  ["another package", other.file, good, "mismatch", /its control segment has the checksum Q1.*, but the package index states Q1/],
  [
    "other data",
    Buffer.concat([good.control, other.data, Buffer.alloc(1)]),
    good,
    "mismatch",
    /its data segment has sha256:.*, but its .PKGINFO states/,
  ],
  ["a file that ends in its control segment", good.control.subarray(0, 100), good, "mismatch", /truncated in its control segment/],
  [
    "a damaged control segment",
    Buffer.concat([good.control.subarray(0, -8), Buffer.alloc(8), good.data]),
    good,
    "invalid",
    /checksum is wrong/,
  ],
  ["other data than gzip", Buffer.alloc(5000, "x"), good, "invalid", /no gzip data/],
  ["nothing", Buffer.alloc(0), good, "mismatch", /truncated/],
];
for (const [what, file, { checksum }, code, message] of refused)
  it(`${what} is rejected during download, and when it is unpacked`, async () => {
    const check = new ApkCheck(checksum);
    expect(() => {
      check.write(file);
      check.end();
    }).to.throwError({ code, message });
    await expect(unpack(file, checksum)).to.be.rejectedWithError({ code, origin: "packages" });
  });

const withControl = (control: Buffer): BuiltApk => buildApk(spec, { control });
const badControl: readonly (readonly [string, BuiltApk, RegExp])[] = [
  ["no .PKGINFO", withControl(segment(withData({ name: ".post-install" }, "x"))), /no .PKGINFO/],
  ["no datahash", withControl(segment(withData({ name: ".PKGINFO" }, "pkgname = x\n"))), /no datahash/],
  ["a path", withControl(segment(withData({ name: "etc/passwd" }, "x"))), /\/etc\/passwd is in a folder/],
  ["a file of the image", withControl(segment(withData({ name: "passwd" }, "x"))), /\/passwd is in its control segment/],
  ["a path that leaves it", withControl(segment(withData({ name: "../.x" }, "x"))), /contains "\.\."/],
  ["a link", withControl(segment(headerBlock({ name: ".PKGINFO", type: "2", link: "/etc/passwd" }))), /is not a regular file/],
  ["a name twice", withControl(segment(withData({ name: ".PKGINFO" }, "x"), withData({ name: ".PKGINFO" }, "y"))), /twice/],
];
for (const [what, built, message] of badControl)
  it(`a control segment with ${what} is rejected`, async () => {
    await expect(unpack(built.file, built.checksum)).to.be.rejectedWithError({ code: "invalid", message });
  });

it(
  "all packages of the fixtures match their indexes, and unpack",
  testUnless(withoutAlpine, async () => {
    const folders = ["main/x86_64", "../melange/x86_64", "../melange/aarch64"].map((path) => join(alpine ?? "", path));
    let unpacked = 0;
    for (const folder of folders) {
      const listed = splitStanzas(readApkIndexText(folder)).map((stanza) => parseStanza(stanza, folder));
      const files = new Set(readdirSync(folder));
      for (const { name, version, checksum, size } of listed.filter((found) => files.has(`${found.name}-${found.version}.apk`))) {
        const file = join(folder, `${name}-${version}.apk`);
        expect(readFileSync(file).length).to.equal(size);
        const { control, entries } = await unpackApk({ name, file, checksum });
        expect(control.get(".PKGINFO")?.toString("latin1") ?? "").to.match(new RegExp(`^pkgname = ${name.replace(/[+.]/g, "\\$&")}$`, "m"));
        for (const entry of entries)
          if ("node" in entry && entry.node.type === "file") expect(takeRecords(entry.node).sha1 ?? "").to.match(/^[0-9a-f]{40}$/);
        unpacked += 1;
      }
    }
    expect(unpacked).to.equal(156);
  }),
);
