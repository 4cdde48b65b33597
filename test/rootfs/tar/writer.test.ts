import { Readable } from "node:stream";
import fc from "fast-check";
import { it } from "mocha";
import { extract } from "tar-stream";
import type { Header } from "tar-stream";
import { layerSegments } from "../../../provider/rootfs/layers/segments.js";
import type { FileNode, LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { encodeHeader } from "../../../provider/rootfs/tar/writer.js";
import { expect } from "../../support/expectations.js";
import { fileEntry, plain } from "../../support/tar/entries.js";

async function tarOf(entries: readonly LayerEntry[]): Promise<Buffer> {
  const segments: Buffer[] = [];
  for await (const segment of layerSegments(entries, () => expect.fail("nothing to read"))) segments.push(segment);
  return Buffer.concat(segments);
}

/** What tar-stream reads, as a second opinion. It decodes names and xattrs as UTF-8, so these are ASCII here. */
async function secondOpinion(tar: Buffer): Promise<{ readonly headers: Header; readonly data: string }[]> {
  const read: { headers: Header; data: string }[] = [];
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    const pieces: Buffer[] = [];
    for await (const piece of entry) pieces.push(piece as Buffer);
    read.push({ headers: entry.header, data: Buffer.concat(pieces).toString("latin1") });
  }
  return read;
}

it("tar-stream reads the same entries as were written", async () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9_-]{1,60}$/);
  const entry = fc.record({
    path: fc.uniqueArray(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join("/")),
    data: fc.stringMatching(/^[ -~]{0,700}$/),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.nat(2 ** 21 - 1),
    // It ignores owners and times in pax records.
    mtime: fc.nat(2 ** 33 - 1),
    xattr: fc.stringMatching(/^[a-z]{1,20}$/),
  });
  const property = fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (drafts) => {
    const entries = drafts.map(({ path, data, xattr, ...node }) =>
      fileEntry(path, data, { ...node, pax: { "SCHILY.xattr.user.x": xattr } }),
    );
    const read = await secondOpinion(await tarOf(entries));
    expect(
      read.map(({ headers: { name, mode, uid, mtime, pax }, data }) => [
        name,
        mode,
        uid,
        mtime.getTime(),
        (pax as Record<string, string>)["SCHILY.xattr.user.x"],
        data,
      ]),
    ).to.deep.equal(drafts.map(({ path, data, mode, uid, mtime, xattr }) => [path, mode, uid, mtime * 1000, xattr, data]));
  });
  await fc.assert(property);
});

/** The names of the pax records that precede the header; undefined when there are none. */
function paxKeys(header: Buffer): string[] | undefined {
  if (header.length === 512) return undefined;
  return [...header.toString("latin1", 512, header.length - 512).matchAll(/\d+ ([^=]+)=/g)].map(([, key = ""]) => key);
}

const node: FileNode = { ...plain, type: "fifo" };
const sized = (size: number): FileNode => ({
  ...plain,
  type: "file",
  content: { from: "disk", digest: "sha256:", size, file: "" },
});

const table: readonly (readonly [what: string, LayerEntry, keys: string[] | undefined])[] = [
  ["a name of 100 bytes", { path: "a".repeat(100), node }, undefined],
  ["a name of 101 bytes", { path: "a".repeat(101), node }, ["path"]],
  ["a name that splits", { path: `${"p".repeat(155)}/${"n".repeat(100)}`, node }, undefined],
  ["a prefix that is too long", { path: `${"p".repeat(156)}/${"n".repeat(99)}`, node }, ["path"]],
  [
    "a directory whose slash would stand alone",
    { path: `${"p".repeat(50)}/${"n".repeat(100)}`, node: { ...plain, type: "directory" } },
    ["path"],
  ],
  ["a name beyond ASCII", { path: "\xc3\xa9", node }, ["path"]],
  ["a target of 100 bytes", { path: "a", node: { ...plain, type: "symlink", target: "t".repeat(100) } }, undefined],
  ["a target of 101 bytes", { path: "a", node: { ...plain, type: "symlink", target: "t".repeat(101) } }, ["linkpath"]],
  ["the largest octal owner", { path: "a", node: { ...node, uid: 2_097_151, gid: 2_097_151 } }, undefined],
  ["larger owners", { path: "a", node: { ...node, uid: 2_097_152, gid: 2_097_152 } }, ["gid", "uid"]],
  ["the largest octal size", { path: "a", node: sized(2 ** 33 - 1) }, undefined],
  ["a larger size", { path: "a", node: sized(2 ** 33) }, ["size"]],
  ["the largest octal time", { path: "a", node: { ...node, mtime: 2 ** 33 - 1 } }, undefined],
  ["a later time", { path: "a", node: { ...node, mtime: 2 ** 33 } }, ["mtime"]],
  ["a time before 1970", { path: "a", node: { ...node, mtime: -1 } }, ["mtime"]],
  ["a part of a second", { path: "a", node: { ...node, nanoseconds: 1 } }, ["mtime"]],
  [
    "records, sorted",
    { path: "\xff", node: { ...node, pax: { "SCHILY.xattr.b": "", "SCHILY.xattr.a": "" } } },
    ["SCHILY.xattr.a", "SCHILY.xattr.b", "path"],
  ],
];

for (const [what, entry, keys] of table)
  it(`a pax header is written only when needed: ${what}`, () => expect(paxKeys(encodeHeader(entry))).to.deep.equal(keys));

it("a header reveals nothing about its writer, and has a plain name besides pax", () => {
  const header = encodeHeader({ path: "\xc3\xa9".repeat(60), node: { ...plain, type: "directory" } }).subarray(-512);
  expect(header.toString("latin1", 0, 100)).to.match(/^_{99}\/$/);
  expect(header.subarray(265, 329).every((byte) => byte === 0)).to.equal(true);
});

it("an entry that tar cannot represent is rejected by name", () => {
  const refused: readonly LayerEntry[] = [
    { path: "x", node: { ...node, pax: { "a=b": "" } } },
    { path: "x", node: { ...node, type: "block", device: { major: 2 ** 21, minor: 0 } } },
    { path: "x", link: "y" },
  ];
  for (const entry of refused) expect(() => encodeHeader(entry)).to.throwError({ code: "invalid", message: /^tar entry \/x: / });
  expect(() => encodeHeader({ path: "", node })).to.throwError({ code: "invalid", message: /only a directory/ });
});
