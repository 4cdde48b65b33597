import { it } from "mocha";
import { expect, expectThat } from "../../support/expectations.js";
import { archive, headerBlock, paxHeader, withData } from "../../support/tar/archive.js";
import { samples } from "../../support/tar/samples.js";
import { readArchive } from "../../support/tar/read.js";
import type { ReadEntry } from "../../support/tar/read.js";

/** `path type size data` and other requested fields, of each entry. */
function summary({ entry, data }: ReadEntry): string {
  return "link" in entry ? `${entry.path} -> ${entry.link}` : `${entry.path} ${entry.node.type} ${String(entry.size)} ${data}`;
}

for (const [what, parts, expected] of samples) {
  it(`reading accepts ${what}`, () => {
    const bytes = archive(...parts);
    for (const step of [bytes.length, 1, 511, 512, 700])
      expect(readArchive(bytes, step).map(summary), `in pieces of ${String(step)}`).to.deep.equal(expected);
    expect(readArchive(Buffer.concat(parts)).map(summary), "without zero blocks at the end").to.deep.equal(expected);
  });
}

it("reading gives the positions of file data", () => {
  const bytes = archive(
    withData({ name: "a" }, "x".repeat(600)),
    paxHeader([
      ["GNU.sparse.size", "100"],
      ["GNU.sparse.map", "5,1,50,0,60,2"],
    ]),
    withData({ name: "s" }, "abc"),
  );
  for (const { entry, data } of readArchive(bytes)) {
    expectThat("node" in entry);
    const pieces = entry.extents.map(({ position, length }) => bytes.toString("latin1", position, position + length));
    expect(pieces.join("")).to.equal(data);
  }
});

it("reading gives owner, times and xattrs", () => {
  const records = [
    ["mtime", "-1.25"],
    ["uid", "3000000"],
    ["SCHILY.xattr.security.capability", "\x01\0\xff\n"],
    ["SCHILY.acl.access", "user::rwx"],
    ["LIBARCHIVE.xattr.user.a%25", Buffer.from("\xffv", "latin1").toString("base64").replace(/=+$/, "")],
    ["atime", "1"],
    ["SCHILY.dev", "2"],
  ] as const;
  const [read] = readArchive(archive(paxHeader(records), headerBlock({ name: "a", mode: 0o104755 })));
  expectThat(read !== undefined && "node" in read.entry);
  expect(read.entry.node).to.deep.equal({
    type: "file",
    mode: 0o4755,
    uid: 3_000_000,
    gid: 0,
    mtime: -2,
    nanoseconds: 750_000_000,
    pax: { "SCHILY.xattr.security.capability": "\x01\0\xff\n", "SCHILY.acl.access": "user::rwx", "SCHILY.xattr.user.a%": "\xffv" },
  });
});

it("reading accepts base-256 numbers", () => {
  const [read] = readArchive(archive(headerBlock({ name: "a", uid: "\x80\0\0\0\xff\xff\xff\xfe", mtime: "\xff".repeat(11) + "\xfe" })));
  expectThat(read !== undefined && "node" in read.entry);
  expect([read.entry.node.uid, read.entry.node.mtime]).to.deep.equal([2 ** 32 - 2, -2]);
});

it("reading gives the owner's names, which pax overrides, and none in archives without them", () => {
  const names = [
    [265, "chrony"],
    [297, "wheel"],
  ] as const;
  const bytes = archive(
    withData({ name: "a", patches: names }, ""),
    paxHeader([["gname", "a-group-of-more-than-thirty-two-characters"]]),
    headerBlock({ name: "b/", type: "5", patches: names, magic: "gnu" }),
    withData({ name: "c" }, ""),
    withData({ name: "d", patches: names, magic: "v7" }, ""),
  );
  const owners = readArchive(bytes).map(({ entry }) => ("node" in entry ? entry.owner : undefined));
  const expected = [
    { user: "chrony", group: "wheel" },
    { user: "chrony", group: "a-group-of-more-than-thirty-two-characters" },
    undefined,
    undefined,
  ];
  expect(owners).to.deep.equal(expected);
});
