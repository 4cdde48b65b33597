import { gzipSync } from "node:zlib";
import { describe, it } from "mocha";
import { arArchive, arHeader } from "../../../support/archives/ar.js";
import type { ArchiveFiles } from "../../../support/archives/archive.js";
import { zeros } from "../../../support/archives/bombs.js";
import { buildDeb, controlTar, dataTar, pack, type DebFile } from "../../../support/archives/deb.js";
import { expect } from "../../../support/expectations.js";
import { archive, headerBlock, paxHeader, withData, type Block } from "../../../support/tar/archive.js";
import { flip, ours, readAttacks, refused, signed, tampered, vouched, type AttackRow } from "./attack.js";
import { attempt, folder, kept } from "../resolve/attempt.js";

const GIB = 1024 ** 3;
const pool = "pool/main/tool_1.0-1_amd64.deb";

const tool = { name: "tool" };
const format = ["debian-binary", Buffer.from("2.0\n")] as const;
const control = ["control.tar.gz", pack(controlTar(tool), ".gz")] as const;
const noData = ["data.tar.gz", pack(dataTar([]), ".gz")] as const;

const files = (...more: DebFile[]): (() => Promise<ArchiveFiles>) => vouched(() => buildDeb({ ...tool, files: more }));
const members = (...all: (readonly [string, Buffer])[]): (() => Promise<ArchiveFiles>) => vouched(() => arArchive(all));
const controls = (...blocks: Buffer[]): (() => Promise<ArchiveFiles>) =>
  members(format, ["control.tar.gz", gzipSync(archive(...blocks))], noData);
const data = (...blocks: Buffer[]): (() => Promise<ArchiveFiles>) =>
  members(format, control, ["data.tar.gz", gzipSync(archive(...blocks))]);
const numbered = (size: string): (() => Promise<ArchiveFiles>) =>
  vouched(() =>
    Buffer.concat([
      arArchive([format, control]),
      Buffer.from(
        arHeader("data.tar", 0)
          .toString("latin1")
          .replace(/0 {9}(?=`)/, size.padEnd(10)),
      ),
    ]),
  );
const symlink = (name: string, link: string): DebFile => ({ name, type: "2", link });
const hardlink = (name: string, link: string): DebFile => ({ name, type: "1", link });
const device = (name: string, type: "3" | "4"): Block => ({ name, type, device: [8, 0] });

const payload: readonly AttackRow[] = [
  [
    "a provided name with control characters",
    () => signed({ editIndex: (t) => t.replace("Version:", "Provides: a\x1bb\nVersion:") }),
    "invalid",
    /tool cannot be read from its archive: .* has a control character/,
  ],
  [
    "a version with control characters",
    () => signed({ editIndex: (t) => t.replace("Version: 1.0-1", "Version: 1.0\x07-1") }),
    "invalid",
    /the stanza of tool at byte 0 has a control character/,
  ],
  [
    "a file outside of the archive",
    () => signed({ editIndex: (t) => t.replace("Filename: pool", "Filename: ../pool") }),
    "invalid",
    /is not a path in the archive/,
  ],
  ["no digest of the file", () => signed({ editIndex: (t) => t.replace("SHA256", "MD5sum") }), "invalid", /tool/],
  ["wrong hash", () => tampered(pool, flip), "mismatch", /its digest is sha256:/],
  ["truncated", () => tampered(pool, (bytes) => bytes.subarray(0, -9)), "mismatch", /it ended after/],
  [
    "gone",
    () => signed().then((all) => new Map([...all].filter(([path]) => path !== pool))),
    "not-found",
    /tool_1\.0-1_amd64\.deb does not exist/,
  ],
  [
    "right hash of another package",
    vouched(() => buildDeb({ name: "other" })),
    "invalid",
    /tool_1\.0-1_amd64: its control file says other 1\.0-1 amd64/,
  ],
  ["right hash of another version", vouched(() => buildDeb({ ...tool, version: "0.9" })), "invalid", /control file says tool 0\.9 amd64/],
  [
    "right hash of another architecture",
    vouched(() => buildDeb({ ...tool, architecture: "arm64" })),
    "invalid",
    /control file says tool 1\.0-1 arm64/,
  ],
  [
    "truncated, with a matching hash",
    vouched(() => arArchive([format, control, noData]).subarray(0, -30)),
    "mismatch",
    /truncated after \d+ bytes, within data\.tar\.gz/,
  ],
  ["other data than an ar archive", vouched(() => Buffer.from("nonsense")), "invalid", /not an ar archive/],
  ["a negative size in ar", numbered("-1"), "invalid", /no valid ar header at byte/],
  ["a size in ar that is hexadecimal", numbered("0x10"), "invalid", /no valid ar header at byte/],
  ["a size in ar that is scientific", numbered("1e9"), "invalid", /no valid ar header at byte/],
  ["no size in ar", numbered(""), "invalid", /no valid ar header at byte/],
  ["an oversized member", numbered("9999999999"), "mismatch", /truncated after \d+ bytes, within data\.tar/],
  ["no data.tar", members(format, control), "invalid", /it ends where data\.tar must be/],
  ["two control members", members(format, control, control, noData), "invalid", /two members named control\.tar/],
  [
    "a second control member behind",
    members(format, control, noData, ["control.tar.xz", pack(controlTar(tool), ".xz")]),
    "invalid",
    /two members named control\.tar/,
  ],
  ["a second data member behind", members(format, control, noData, ["data.tar", dataTar([])]), "invalid", /two members named data\.tar/],
  ["a climbing name", files({ name: "../x", data: "x" }), "invalid", /\/\.\/\.\.\/x.*contains "\.\."/],
  ["a climbing name within", files({ name: "usr/../../x", data: "x" }), "invalid", /contains "\.\."/],
  ["a climbing name in control", controls(withData({ name: "../x" }, "x")), "invalid", /its control\.tar\.gz|contains "\.\."/],
  ["an absolute name", files({ name: "/etc/x", data: "x" }), "invalid", /tar entry \/etc\/x: its name is absolute/],
  [
    "an absolute name in a pax header",
    data(paxHeader([["path", "/etc/x"]]), withData({ name: "./x" }, "x")),
    "invalid",
    /its name is absolute/,
  ],
  [
    "an absolute long name",
    data(withData({ name: "x", type: "L" }, "/etc/x\0"), withData({ name: "./x" }, "x")),
    "invalid",
    /its name is absolute/,
  ],
  [
    "a name that would be a whiteout",
    files({ name: "etc/.wh.shadow", data: "" }),
    "invalid",
    /begins with \.wh\., which in a layer would remove/,
  ],
  ["a folder that would be a whiteout", files({ name: "etc/.wh..wh..opq/x", data: "" }), "invalid", /begins with \.wh\./],
  [
    "extended attributes",
    data(paxHeader([["SCHILY.xattr.trusted.overlay.opaque", "y"]]), withData({ name: "./x" }, "x")),
    "invalid",
    /\/x has extended attributes/,
  ],
  ["an absolute name in control", controls(withData({ name: "/control" }, "x")), "invalid", /its name is absolute/],
  [
    "an absolute hard link",
    files({ name: "etc/x", data: "" }, hardlink("etc/y", "/etc/x")),
    "invalid",
    /hard link to the absolute path \/etc\/x/,
  ],
  ["an escaping hard link", files(hardlink("etc/y", "../../etc/shadow")), "invalid", /contains "\.\."/],
  [
    "a hard link to a file that it does not have",
    files(hardlink("etc/y", "./etc/shadow")),
    "invalid",
    /hard link to \/etc\/shadow, which the package does not have/,
  ],
  ["an escaping link", files(symlink("usr/x", "../../etc")), "invalid", /link to \.\.\/\.\.\/etc, which is outside of the root/],
  [
    "an entry through a link",
    files(symlink("usr/x", "/etc"), { name: "usr/x/shadow", data: "" }),
    "invalid",
    /it is below \/usr\/x, which is a link/,
  ],
  [
    "a hard link through a link",
    files(symlink("usr/x", "/etc"), hardlink("usr/y", "./usr/x/shadow")),
    "invalid",
    /which the package does not have/,
  ],
  ["a link in place of a directory", files({ name: "usr/x/y", data: "" }, symlink("usr/x", "/etc")), "invalid", /replaces a directory/],
  ["a block device", files(device("dev/sda", "4")), "invalid", /\/dev\/sda: it is a block device/],
  ["a character device", files(device("dev/mem", "3")), "invalid", /\/dev\/mem: it is a character device/],
  [
    "a name with a newline",
    files({ name: "usr/a\nb", data: "" }),
    "invalid",
    /tar entry \/\.\/usr\/a\\x0ab: its name has a control character/,
  ],
  ["a name with an escape", files({ name: "usr/\x1b[2J", data: "" }), "invalid", /its name has a control character/],
  ["a control name with an escape", controls(withData({ name: "./\x1b[2J" }, "x")), "invalid", /its name has a control character/],
  ["control twice", controls(withData({ name: "./control" }, "x"), withData({ name: "./control" }, "y")), "invalid", /\/control twice/],
  [
    "a device among control files",
    controls(headerBlock({ name: "./control", type: "3", device: [1, 1] })),
    "invalid",
    /is not a regular file/,
  ],
  [
    "an oversized control file",
    members(format, ["control.tar.zst", zeros(headerBlock({ name: "./control", size: GIB }), GIB, ".zst")], noData),
    "limit",
    /10,485,760/,
  ],
];

describe("a package is rejected, and nothing of it is written:", () => {
  for (const attack of readAttacks(payload))
    it(attack.what, async () => {
      const directory = folder();
      await refused(attack, { directory });
      // What the release file and the package index are: nothing of the package.
      expect(kept(directory)).to.deep.equal({
        "package-files": 1,
        "package-indexes": 1,
        "package-tables": 1,
        "release-dates": 1,
        "verified-releases": 1,
      });
    });
});

describe("what is accepted:", () => {
  it("the same archive and package as they should be", async () => {
    const { packages } = await attempt(await signed(), { keys: [(await ours).armored] });
    expect(packages.map(({ package: { name } }) => name)).to.deep.equal(["tool"]);
    await attempt(await vouched(() => arArchive([format, control, noData]))(), { keys: [(await ours).armored] });
  });

  it("a link with an absolute target, and hard links within the package", async () => {
    const all = await files(
      { name: "usr/a", data: "x" },
      hardlink("usr/b", "./usr/a"),
      hardlink("usr/c", "usr/b"),
      symlink("usr/x", "/etc"),
    )();
    const { packages } = await attempt(all, { keys: [(await ours).armored] });
    expect(packages[0]?.entries.map(({ path }) => path)).to.deep.equal(["", "usr", "usr/a", "usr/b", "usr/c", "usr/x"]);
  });
});

describe("a package in the cache", () => {
  it("is not used for another package that the index lists with the same file", async () => {
    const keys = [(await ours).armored];
    const directory = folder();
    await attempt(await signed(), { keys, directory });
    const twin = (text: string): string => `${text.replace("Version:", "Depends: twin\nVersion:")}\n${text.replace("tool", "twin")}`;
    await expect(attempt(await signed({ editIndex: twin }), { keys, directory })).to.be.rejectedWithError({
      code: "invalid",
      message: /^package twin_1\.0-1_amd64: its control file says tool 1\.0-1 amd64/,
    });
  });
});
