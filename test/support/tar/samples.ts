import { headerBlock, paxHeader, withData } from "./archive.js";

const long = "d/".repeat(120) + "name";
const longBlock = (type: string, text: string): Buffer => withData({ name: "././@LongLink", type, magic: "gnu" }, `${text}\0`);
const extended = (...runs: readonly (readonly [number, number])[]): string =>
  runs.map(([offset, length]) => [offset, length].map((n) => `${n.toString(8).padStart(11, "0")}\0`).join("")).join("");

/** The parts of an archive, and the expected entries: `path type size data` or `path -> link`. */
export const samples: readonly (readonly [what: string, parts: readonly Buffer[], expected: readonly string[]])[] = [
  ["a v7 file", [withData({ name: "a", type: "\0", magic: "v7" }, "x")], ["a file 1 x"]],
  ["a v7 directory by its slash", [headerBlock({ name: "a/", type: "\0", magic: "v7" })], ["a directory 0 "]],
  ["a file of type 0 in spite of its slash, as Go's archive/tar", [withData({ name: "a/", type: "0" }, "x")], ["a file 1 x"]],
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
    "a directory with a meaningless size",
    [headerBlock({ name: "d/", type: "5", size: 99 }), headerBlock({ name: "b" })],
    ["d directory 0 ", "b file 0 "],
  ],
  [
    "devices and fifos",
    [headerBlock({ name: "c", type: "3", device: [1, 3] }), headerBlock({ name: "p", type: "6" })],
    ["c character 0 ", "p fifo 0 "],
  ],
  [
    "volume labels, which are not entries",
    [headerBlock({ name: "label", type: "V", magic: "gnu" }), headerBlock({ name: "a" })],
    ["a file 0 "],
  ],
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
