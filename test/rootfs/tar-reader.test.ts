import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { DhiError } from "../../provider/errors.js";
import { archive, headerBlock, paxHeader, withData } from "../support/tar/archive.js";
import { readArchive } from "../support/tar/read.js";
import type { ReadEntry } from "../support/tar/read.js";

/** `path type size data` and what else was asked for, of each entry. */
function told({ entry, data }: ReadEntry): string {
  return "link" in entry ? `${entry.path} -> ${entry.link}` : `${entry.path} ${entry.node.type} ${String(entry.size)} ${data}`;
}

const long = "d/".repeat(120) + "name";
const longBlock = (type: string, text: string): Buffer => withData({ name: "././@LongLink", type, magic: "gnu" }, `${text}\0`);
const extended = (...runs: readonly (readonly [number, number])[]): string =>
  runs.map(([offset, length]) => [offset, length].map((n) => `${n.toString(8).padStart(11, "0")}\0`).join("")).join("");

const table: readonly (readonly [what: string, parts: readonly Buffer[], told: readonly string[]])[] = [
  ["a v7 file", [withData({ name: "a", type: "\0", magic: "v7" }, "x")], ["a file 1 x"]],
  ["a v7 directory by its slash", [headerBlock({ name: "a/", type: "\0", magic: "v7" })], ["a directory 0 "]],
  ["a contiguous file", [withData({ name: "a", type: "7" }, "x")], ["a file 1 x"]],
  ["names that are absolute or dotted", [headerBlock({ name: "/a" }), headerBlock({ name: "./b//./c" })], ["a file 0 ", "b/c file 0 "]],
  ["the root", [headerBlock({ name: "./", type: "5" })], [" directory 0 "]],
  ["a prefix", [headerBlock({ name: "b", prefix: "a/a" })], ["a/a/b file 0 "]],
  ["GNU's header, which has no prefix", [headerBlock({ name: "b", prefix: "123", magic: "gnu" })], ["b file 0 "]],
  [
    "star's shorter prefix",
    [
      headerBlock({
        name: "b",
        prefix: "p",
        patches: [
          [476, "00000000000"],
          [508, "tar\0"],
        ],
      }),
    ],
    ["p/b file 0 "],
  ],
  [
    "GNU's long name and link",
    [longBlock("K", "t" + long), longBlock("L", long), headerBlock({ name: "x", type: "1", link: "y" })],
    [`${long} -> t${long}`],
  ],
  ["a name of invalid UTF-8", [headerBlock({ name: "\xff\xc3" })], ["\xff\xc3 file 0 "]],
  ["pax path as bytes", [paxHeader([["path", "/é\xff"]]), withData({ name: "x" }, "1")], ["é\xff file 1 1"]],
  ["pax size over the header's", [paxHeader([["size", "3"]]), withData({ name: "x", size: 1 }, "abc")], ["x file 3 abc"]],
  [
    "own records over global, both over the header",
    [
      paxHeader(
        [
          ["path", "g"],
          ["size", "2"],
        ],
        "g",
      ),
      headerBlock({ name: "x" }),
      Buffer.concat([Buffer.from("ab"), Buffer.alloc(510)]),
      paxHeader([
        ["path", "own"],
        ["size", ""],
      ]),
      headerBlock({ name: "y" }),
    ],
    ["g file 2 ab", "own file 0 "],
  ],
  [
    "a hard link without data",
    [headerBlock({ name: "l", type: "1", link: "./a", size: 600 }), headerBlock({ name: "b" })],
    ["l -> a", "b file 0 "],
  ],
  [
    "a hard link with data",
    [withData({ name: "l", type: "1", link: "/a" }, "y".repeat(600)), headerBlock({ name: "b" })],
    ["l -> a", "b file 0 "],
  ],
  [
    "a directory whose size means nothing",
    [headerBlock({ name: "d/", type: "5", size: 99 }), headerBlock({ name: "b" })],
    ["d directory 0 ", "b file 0 "],
  ],
  [
    "devices and fifos",
    [headerBlock({ name: "c", type: "3", device: [1, 3] }), headerBlock({ name: "p", type: "6" })],
    ["c character 0 ", "p fifo 0 "],
  ],
  ["volume labels are no entries", [headerBlock({ name: "label", type: "V", magic: "gnu" }), headerBlock({ name: "a" })], ["a file 0 "]],
  ["signed checksums", [headerBlock({ name: "\xe9\xff", sum: "signed" })], ["\xe9\xff file 0 "]],
  [
    "old GNU sparse",
    [
      withData(
        {
          name: "s",
          type: "S",
          magic: "gnu",
          size: 4,
          patches: [
            [386, extended([512, 3], [2048, 1])],
            [483, "00000010000\0"],
          ],
        },
        "abcd",
      ),
    ],
    ["s file 4096 abcd"],
  ],
  [
    "old GNU sparse with more blocks",
    [
      headerBlock({
        name: "s",
        type: "S",
        magic: "gnu",
        size: 5,
        patches: [
          [386, extended([0, 1], [10, 1], [20, 1], [30, 1])],
          [482, "\x01"],
          [483, "00000000050\0"],
        ],
      }),
      Buffer.concat([Buffer.from(extended([39, 1])), Buffer.alloc(512 - 24)]),
      Buffer.concat([Buffer.from("abcde"), Buffer.alloc(507)]),
    ],
    ["s file 40 abcde"],
  ],
  [
    "pax sparse 0.0",
    [
      paxHeader([
        ["GNU.sparse.size", "100"],
        ["GNU.sparse.numblocks", "2"],
        ["GNU.sparse.offset", "5"],
        ["GNU.sparse.numbytes", "1"],
        ["GNU.sparse.offset", "50"],
        ["GNU.sparse.numbytes", "2"],
      ]),
      withData({ name: "s" }, "abc"),
    ],
    ["s file 100 abc"],
  ],
  [
    "pax sparse 0.1",
    [
      paxHeader([
        ["GNU.sparse.size", "100"],
        ["GNU.sparse.map", "5,1,50,2"],
        ["GNU.sparse.name", "real"],
      ]),
      withData({ name: "GNUSparseFile.1/s" }, "abc"),
    ],
    ["real file 100 abc"],
  ],
  [
    "pax sparse 1.0",
    [
      paxHeader([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.realsize", "100"],
        ["GNU.sparse.name", "real"],
      ]),
      withData({ name: "GNUSparseFile.1/s" }, Buffer.concat([Buffer.from("2\n5\n1\n50\n2\n"), Buffer.alloc(512 - 11), Buffer.from("abc")])),
    ],
    ["real file 100 abc"],
  ],
];

for (const [what, parts, expected] of table) {
  test(`read: ${what}`, () => {
    const bytes = archive(...parts);
    for (const step of [bytes.length, 1, 511, 512, 700])
      assert.deepEqual(readArchive(bytes, step).map(told), expected, `in pieces of ${String(step)}`);
    assert.deepEqual(readArchive(Buffer.concat(parts)).map(told), expected, "without zero blocks at the end");
  });
}

test("read: where the data of files stands", () => {
  const bytes = archive(
    withData({ name: "a" }, "x".repeat(600)),
    paxHeader([
      ["GNU.sparse.size", "100"],
      ["GNU.sparse.map", "5,1,50,0,60,2"],
    ]),
    withData({ name: "s" }, "abc"),
  );
  for (const { entry, data } of readArchive(bytes)) {
    assert("node" in entry);
    const pieces = entry.extents.map(({ position, length }) => bytes.toString("latin1", position, position + length));
    assert.equal(pieces.join(""), data);
  }
});

test("read: owner, times, xattrs", () => {
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
  assert(read !== undefined && "node" in read.entry);
  assert.deepEqual(read.entry.node, {
    type: "file",
    mode: 0o4755,
    uid: 3_000_000,
    gid: 0,
    mtime: -2,
    nanoseconds: 750_000_000,
    pax: { "SCHILY.xattr.security.capability": "\x01\0\xff\n", "SCHILY.acl.access": "user::rwx", "SCHILY.xattr.user.a%": "\xffv" },
  });
});

test("read: base-256 numbers", () => {
  const [read] = readArchive(archive(headerBlock({ name: "a", uid: "\x80\0\0\0\xff\xff\xff\xfe", mtime: "\xff".repeat(11) + "\xfe" })));
  assert(read !== undefined && "node" in read.entry);
  assert.deepEqual([read.entry.node.uid, read.entry.node.mtime], [2 ** 32 - 2, -2]);
});

const bad: readonly (readonly [what: string, bytes: Buffer, code: string, message: RegExp])[] = [
  ["a wrong checksum", archive(headerBlock({ name: "a", sum: "wrong" })), "invalid", /no tar header at byte 0/],
  ["no tar at all", Buffer.alloc(512, "nonsense"), "invalid", /no tar header/],
  ["a climbing name", archive(headerBlock({ name: "a/../../b" })), "invalid", /tar entry \/a\/\.\.\/\.\.\/b: .*\.\./],
  ["a climbing link", archive(headerBlock({ name: "a", type: "1", link: "../b" })), "invalid", /tar entry \/a: .*\/\.\.\/b/],
  ["NUL in a pax path", archive(paxHeader([["path", "a\0b"]]), headerBlock({ name: "x" })), "invalid", /\/a\\x00b.*NUL/],
  ["an unknown type", archive(headerBlock({ name: "a", type: "Q" })), "invalid", /tar entry \/a: its type "Q"/],
  ["a file without name", archive(headerBlock({ name: "./", type: "6" })), "invalid", /no name/],
  ["a number that is none", archive(headerBlock({ name: "a", uid: "12x" })), "invalid", /\/a is damaged: its uid/],
  ["a number beyond 2^53", archive(headerBlock({ name: "a", size: "\xbf".padEnd(12, "\xff") })), "invalid", /its size/],
  ["damaged pax", archive(withData({ name: "x", type: "x" }, "99 path=a\n"), headerBlock({ name: "a" })), "invalid", /pax extended header/],
  ["a symlink to nowhere", archive(headerBlock({ name: "a", type: "2" })), "invalid", /tar entry \/a: the symlink/],
  ["cut in a header", headerBlock({ name: "a" }).subarray(0, 300), "mismatch", /cut off after 300 bytes/],
  ["cut in the data", withData({ name: "a" }, "x".repeat(900)).subarray(0, 700), "mismatch", /tar entry \/a: .*cut off/],
  ["cut after a pax header", paxHeader([["path", "a"]]), "mismatch", /cut off/],
  [
    "an entry after a zero block",
    Buffer.concat([headerBlock({ name: "a" }), Buffer.alloc(512), headerBlock({ name: "b" })]),
    "invalid",
    /follows the end/,
  ],
  ["a name that is too long", archive(paxHeader([["path", "a/".repeat(2100)]]), headerBlock({ name: "x" })), "limit", /4,096/],
  ["a pax header that is too long", archive(headerBlock({ name: "x", type: "x", size: 2 ** 21 })), "limit", /1,048,576/],
  [
    "a map that goes backwards",
    archive(
      paxHeader([
        ["GNU.sparse.size", "9"],
        ["GNU.sparse.map", "5,1,2,1"],
      ]),
      withData({ name: "s" }, "ab"),
    ),
    "invalid",
    /tar entry \/s: .*not in order/,
  ],
  [
    "a map of other bytes",
    archive(
      paxHeader([
        ["GNU.sparse.size", "9"],
        ["GNU.sparse.map", "5,1"],
      ]),
      withData({ name: "s" }, "ab"),
    ),
    "invalid",
    /1 bytes where 2/,
  ],
  [
    "too many holes",
    archive(
      paxHeader([
        ["GNU.sparse.size", String(2 ** 40)],
        ["GNU.sparse.map", "0,1"],
      ]),
      withData({ name: "s" }, "a"),
    ),
    "limit",
    /tar entry \/s: .*holes/,
  ],
];

for (const [what, bytes, code, message] of bad) {
  test(`read, refused: ${what}`, () => {
    for (const step of [bytes.length, 100]) assert.throws(() => readArchive(bytes, step), { name: "DhiError", code, message });
  });
}

test("read: whatever is done to an archive, it is read or refused", () => {
  const whole = archive(...table.flatMap(([, parts]) => parts));
  const change = fc.record({ at: fc.nat(whole.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }), fix: fc.boolean() });
  const property = fc.property(
    fc.array(change, { minLength: 1, maxLength: 6 }),
    fc.nat(whole.length),
    fc.integer({ min: 1, max: 4000 }),
    (changes, end, step) => {
      const bytes = Buffer.from(whole);
      for (const { at, bytes: patch, fix } of changes) {
        bytes.set(patch.subarray(0, whole.length - at), at);
        if (fix) repairChecksum(bytes, at - (at % 512));
      }
      try {
        readArchive(bytes.subarray(0, whole.length - (end % 3 === 0 ? end : 0)), step);
      } catch (thrown) {
        assert(thrown instanceof DhiError, String(thrown));
      }
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

/** So that changes reach what lies behind the checksum. */
function repairChecksum(bytes: Buffer, at: number): void {
  bytes.fill(" ", at + 148, at + 156);
  let sum = 0;
  for (const byte of bytes.subarray(at, at + 512)) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
}
