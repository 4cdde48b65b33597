import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import type { UnpackedDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import { unpackDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import { digestOf } from "../../../../provider/image/digest.js";
import { arArchive, arHeader } from "../../../support/archives/ar.js";
import type { DebFile, DebPacking } from "../../../support/archives/deb.js";
import { buildDeb, controlTar, dataTar, pack } from "../../../support/archives/deb.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { archive, headerBlock, withData } from "../../../support/tar/archive.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-deb-"));
after(() => {
  rmSync(directory, { recursive: true });
});

let count = 0;
async function unpack(bytes: Buffer): Promise<UnpackedDeb & { tar: Buffer }> {
  const file = join(directory, String(count++));
  writeFileSync(file, bytes);
  const tar: Buffer[] = [];
  const spool = async (chunk: Buffer): Promise<void> => {
    tar.push(await Promise.resolve(Buffer.from(chunk)));
  };
  return { ...(await unpackDeb({ name: "thing_1.0-1_amd64", file, digest: digestOf(bytes), spool })), tar: Buffer.concat(tar) };
}

const files: readonly DebFile[] = [
  { name: "usr/bin/thing", mode: 0o4755, data: "program" },
  { name: "usr/bin/other", type: "1", link: "./usr/bin/thing" },
  { name: "usr/lib/thing/up", type: "2", link: "../../../etc/thing" },
  { name: "var/lib/thing/", type: "5", mode: 0o700, uid: 33 },
  { name: "run/pipe", type: "6" },
];
const spec = { name: "thing", files, members: { postinst: "#!/bin/sh\n", conffiles: "/etc/thing\n" } };

it("a package is unpacked, whatever its compression", async () => {
  for (const packing of ["", ".gz", ".xz", ".zst"] as const satisfies readonly DebPacking[]) {
    const bytes = buildDeb({ ...spec, packing });
    const { control, entries, tar } = await unpack(bytes);
    expect([...control.keys()], packing).to.deep.equal(["control", "md5sums", "postinst", "conffiles"]);
    expect(control.get("control")?.toString() ?? "").to.match(/^Package: thing\nVersion: 1.0-1\n/);
    expect(tar.equals(dataTar(files))).to.equal(true);
    const known = new Map(entries.map((entry) => [entry.path, entry]));
    const directories = ["", "usr", "usr/bin", "usr/lib", "usr/lib/thing", "run", "var", "var/lib", "var/lib/thing"];
    const others = ["usr/bin/thing", "usr/bin/other", "usr/lib/thing/up", "run/pipe"];
    expect([...known.keys()].toSorted()).to.deep.equal([...directories, ...others].toSorted());
    const program = known.get("usr/bin/thing");
    expectThat(program !== undefined && "node" in program && program.node.content?.from === "layer");
    expect(program.node.mode).to.equal(0o4755);
    expect(program.node.content.blob).to.equal(digestOf(bytes));
    expect(program.node.content.digest).to.equal(digestOf("program"));
    const [extent] = program.node.content.extents;
    expect(tar.toString("latin1", extent?.position, (extent?.position ?? 0) + (extent?.length ?? 0))).to.equal("program");
    expect(known.get("usr/bin/other")).to.deep.equal({ path: "usr/bin/other", link: "usr/bin/thing" });
  }
});

const format: readonly [string, Buffer] = ["debian-binary", Buffer.from("2.0\n")];
const control: readonly [string, Buffer] = ["control.tar.gz", pack(controlTar(spec), ".gz")];
const data: readonly [string, Buffer] = ["data.tar.xz", pack(dataTar(files), ".xz")];

it("unknown members may be in between and at the end", async () => {
  const { entries } = await unpack(
    arArchive([format, ["_gpgorigin", Buffer.from("x")], control, ["_x", Buffer.from("")], data, ["more", Buffer.from("y")]]),
  );
  expect(entries.length).to.be.above(0);
});

const withFile = (...more: DebFile[]): Buffer => buildDeb({ name: "thing", files: more });
const whole = arArchive([format, control, data]);

const bad: readonly (readonly [what: string, bytes: Buffer, code: string, message: RegExp])[] = [
  ["no ar", Buffer.from("nonsense and more"), "invalid", /^package thing_1\.0-1_amd64: it is not an ar archive/],
  ["nothing", Buffer.alloc(0), "invalid", /it is not an ar archive/],
  ["a damaged header", Buffer.concat([Buffer.from("!<arch>\n"), Buffer.alloc(60, "x")]), "invalid", /no valid ar header at byte 8/],
  ["cut within a member", whole.subarray(0, whole.length - 700), "mismatch", /truncated after \d+ bytes, within data\.tar\.xz/],
  ["cut within a header", whole.subarray(0, 90), "mismatch", /truncated after 90 bytes/],
  [
    "too many members",
    arArchive([format, ...Array.from({ length: 101 }, () => ["_x", Buffer.alloc(0)] as const)]),
    "limit",
    /more than 100 members/,
  ],
  ["the wrong order", arArchive([format, data, control]), "invalid", /it has data\.tar\.xz where control\.tar must be/],
  ["another first member", arArchive([control, format, data]), "invalid", /it has control\.tar\.gz where debian-binary/],
  ["no data", arArchive([format, control]), "invalid", /it ends where data\.tar must be/],
  ["a format of the future", arArchive([["debian-binary", Buffer.from("3.0\n")], control, data]), "invalid", /of format "3\.0"/],
  [
    "bzip2",
    arArchive([format, control, ["data.tar.bz2", Buffer.from("BZh9")]]),
    "invalid",
    /data\.tar\.bz2 has an unsupported compression/,
  ],
  [
    "lzma",
    arArchive([format, ["control.tar.lzma", Buffer.from("")], data]),
    "invalid",
    /control\.tar\.lzma has an unsupported compression/,
  ],
  [
    "cut xz",
    arArchive([format, control, ["data.tar.xz", data[1].subarray(0, -100)]]),
    "mismatch",
    /its data\.tar\.xz: the xz data is truncated/,
  ],
  ["cut tar", arArchive([format, control, ["data.tar", dataTar(files).subarray(0, 700)]]), "mismatch", /data archive|truncated/],
  [
    "damaged gzip",
    arArchive([format, ["control.tar.gz", Buffer.alloc(40, "x")], data]),
    "invalid",
    /its control\.tar\.gz: the gzip data is damaged/,
  ],
  [
    "no control file",
    arArchive([format, ["control.tar", archive(withData({ name: "./md5sums" }, "x"))], data]),
    "invalid",
    /no file named control/,
  ],
  [
    "a link among the control files",
    arArchive([format, ["control.tar", archive(headerBlock({ name: "./control", type: "2", link: "/etc/passwd" }))], data]),
    "invalid",
    /\/control in its control archive is not a regular file/,
  ],
  [
    "a control file in a folder",
    arArchive([format, ["control.tar", archive(withData({ name: "./x/control" }, "x"))], data]),
    "invalid",
    /in a folder/,
  ],
  [
    "an oversized control archive",
    arArchive([format, ["control.tar.zst", pack(archive(withData({ name: "./control" }, Buffer.alloc(11_000_000))), ".zst")], data]),
    "limit",
    /10,485,760/,
  ],
  ["a climbing name", withFile({ name: "../../etc/passwd", data: "x" }), "invalid", /package thing_1\.0-1_amd64: tar entry .*\.\./],
  ["a climbing hard link", withFile({ name: "a", type: "1", link: "../../etc/passwd" }), "invalid", /tar entry \/\.\/a: .*\.\./],
  [
    "an absolute hard link",
    withFile({ name: "a", type: "1", link: "/etc/passwd" }),
    "invalid",
    /tar entry \/\.\/a: .* hard link to the absolute path \/etc\/passwd/,
  ],
  [
    "a hard link to itself",
    withFile({ name: "a", type: "1", link: "./a" }),
    "invalid",
    /tar entry \/\.\/a: .* which the package does not have/,
  ],
  [
    "a hard link to a directory",
    withFile({ name: "d/x", data: "" }, { name: "a", type: "1", link: "d" }),
    "invalid",
    /tar entry \/\.\/a: .* hard link/,
  ],
  [
    "a link that climbs out",
    withFile({ name: "usr/a", type: "2", link: "../../etc/passwd" }),
    "invalid",
    /tar entry \/\.\/usr\/a: .*outside of the root/,
  ],
  [
    "a link that goes down first",
    withFile({ name: "a", type: "2", link: "x/../../etc" }),
    "invalid",
    /tar entry \/\.\/a: .*outside of the root/,
  ],
  ["an absolute link that climbs out", withFile({ name: "a", type: "2", link: "/../etc" }), "invalid", /outside of the root/],
  ["a device", withFile({ name: "dev/sda", type: "4", device: [8, 0] }), "invalid", /tar entry \/\.\/dev\/sda: it is a block device/],
  ["a character device", withFile({ name: "dev/null", type: "3", device: [1, 3] }), "invalid", /it is a character device/],
  [
    "a file that is bigger than any may be",
    arArchive([format, control, ["data.tar", archive(headerBlock({ name: "./big", size: 5 * 1024 ** 3 }))]]),
    "limit",
    /tar entry \/\.\/big: the package unpacks to more bytes than a package of its size may: the limit is 536,870,912/,
  ],
];

for (const [what, bytes, code, message] of bad)
  it(`a package is rejected: ${what}`, async () => {
    await expect(unpack(bytes)).to.be.rejectedWithError((thrown) => {
      expectThat(thrown instanceof DhiError, String(thrown));
      expect(thrown.message).to.match(message);
      expect(thrown.message).to.match(/^package thing_1\.0-1_amd64: /);
      expect([thrown.code, thrown.origin]).to.deep.equal([code, "packages"]);
      return true;
    });
  });

it("an oversized member is rejected by its header, unread", async () => {
  const huge = Buffer.concat([arArchive([format, control]), arHeader("data.tar", 9_999_999_999)]);
  await expect(unpack(huge)).to.be.rejectedWithError(/truncated after \d+ bytes, within data\.tar$/);
});
