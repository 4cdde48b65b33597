import { extract } from "tar-stream";
import { addMembers, groupLine, parseGroup, parsePasswd, passwdLine } from "../../provider/rootfs/accounts/account-files.js";
import { compileGlob, isGlob } from "../../provider/rootfs/select/glob.js";
import { expect } from "../support/expectations.js";
import { archive, headerBlock, paxHeader, withData } from "../support/tar/archive.js";
import { readArchive } from "../support/tar/read.js";
import { textOf, type Target } from "./target.js";

const sparse: readonly (readonly [string, string])[] = [
  ["GNU.sparse.major", "1"],
  ["GNU.sparse.minor", "0"],
  ["GNU.sparse.name", "sparse"],
  ["GNU.sparse.realsize", "2000"],
];

const tar: Target = {
  name: "tar",
  seeds: [
    archive(withData({ name: "etc/passwd" }, "root:x:0:0::/:/bin/sh\n"), headerBlock({ name: "usr/", type: "5", mode: 0o1755 })),
    archive(withData({ name: "a/b/c" }, "d".repeat(700)), withData({ name: "e" }, ""), headerBlock({ name: "l", type: "2", link: "../x" })),
    archive(
      headerBlock({ name: "A_1/", type: "5", uid: 7 }),
      withData({ name: "A_1/f", mtime: 5 }, "f"),
      headerBlock({ name: "h", type: "1", link: "A_1/f" }),
    ),
    archive(headerBlock({ name: "a", type: "2", link: "b" }), headerBlock({ name: "c", type: "1", link: "a" })),
    archive(
      headerBlock({ name: "dev", type: "3", device: [1, 3] }),
      headerBlock({ name: "f", prefix: "p/q", uid: 1000, mtime: 1700000000 }),
    ),
    archive(
      paxHeader([
        ["path", "long/name"],
        ["mtime", "1.5"],
        ["size", "3"],
        ["SCHILY.xattr.user.a", "b"],
      ]),
      withData({ name: "x" }, "abc"),
    ),
    archive(
      paxHeader(
        [
          ["uid", "5"],
          ["comment", "all"],
        ],
        "g",
      ),
      withData({ name: "x", magic: "gnu" }, "abc"),
    ),
    archive(
      withData({ name: "././@LongLink", type: "L", magic: "gnu" }, `${"n".repeat(120)}\0`),
      withData({ name: "n", magic: "gnu" }, "abc"),
    ),
    archive(paxHeader(sparse), withData({ name: "GNUSparseFile.0/sparse" }, `1\n1000\n4\n${"\0".repeat(503)}data`)),
    archive(
      headerBlock({
        name: "s",
        type: "S",
        magic: "gnu",
        size: 4,
        patches: [
          [386, "00000001000\0"],
          [398, "00000000004\0"],
          [483, "00000002000\0"],
        ],
      }),
      Buffer.alloc(512, "d"),
    ),
    archive(headerBlock({ name: ".wh.gone" }), headerBlock({ name: "d/.wh..wh..opq" })),
    archive(
      headerBlock({
        name: "big",
        patches: [
          [124, "\x80\0\0\0\0\0\0\0\0\0\0\0"],
          [108, "\xff\xff\xff\xff\xff\xff\xff\xff"],
        ],
      }),
    ),
  ],
  words: [
    "path=",
    "linkpath=",
    "size=",
    "GNU.sparse.map=",
    "GNU.sparse.size=",
    "SCHILY.xattr.",
    "\x80\0\0\0",
    "\xff\xff\xff\xff",
    "ustar  \0",
    "../",
    "30 mtime=",
  ],
  limit: 16_384,
  repair: withChecksums,
  run: async (input) => {
    const whole = readArchive(input);
    expect(readArchive(input, 509), "in pieces it is another archive").to.deep.equal(whole);
    await compareWithTarStream(input, whole);
  },
};

/** Fixes the checksums of headers at block boundaries. */
function withChecksums(input: Buffer): Buffer {
  const out = Buffer.from(input);
  for (let at = 0; at + 512 <= out.length; at += 512) {
    if (out.toString("latin1", at + 257, at + 262) !== "ustar") continue;
    out.fill(" ", at + 148, at + 156);
    let sum = 0;
    for (const byte of out.subarray(at, at + 512)) sum += byte;
    out.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
  }
  return out;
}

/** For archives of plain ustar entries, tar-stream must read the same names, types and sizes. */
async function compareWithTarStream(input: Buffer, ours: ReturnType<typeof readArchive>): Promise<void> {
  if (!isPlain(input)) return;
  const theirs = await readWithTarStream(input);
  if (theirs === undefined) return;
  const names = ours.map(({ entry, data }) => `${entry.path} ${"link" in entry ? "link" : entry.node.type} ${String(data.length)}`);
  expect(names).to.deep.equal(theirs);
}

function isPlain(input: Buffer): boolean {
  for (let at = 0; at + 512 <= input.length;) {
    const header = input.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) return true;
    const name = header.toString("latin1", 0, header.indexOf(0));
    const [type, size] = [header.toString("latin1", 156, 157), /^([0-7]{11})\0$/.exec(header.toString("latin1", 124, 136))?.[1]];
    const isUstar = header.toString("latin1", 257, 265) === "ustar\x0000" && header[345] === 0;
    if (!isUstar || !/^[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*\/?$/.test(name) || !["0", "1", "2", "5"].includes(type) || size === undefined)
      return false;
    if (type !== "0" && parseInt(size, 8) !== 0) return false;
    at += 512 + Math.ceil(parseInt(size, 8) / 512) * 512;
  }
  return false;
}

async function readWithTarStream(input: Buffer): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  const reader = extract();
  reader.end(input);
  try {
    for await (const entry of reader) {
      const { name, type, size } = entry.header;
      found.push(`${name.replace(/\/$/, "")} ${type} ${String(size)}`);
      entry.resume();
    }
    return found;
  } catch {
    return undefined;
  }
}

const accounts: Target = {
  name: "passwd-and-group",
  seeds: [
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/sbin/nologin\n+::::::\n# no\n",
    "root:x:0:\nadm:x:4:a,b\nempty:x:5\n\nbroken\n",
    "a:!::x,y\nb:x:4294967295:\nc:x:-1:\n",
  ],
  words: [":x:", "::", "\n", ",", "4294967295", "4294967296", "-1", "0x1", "root", "+", "#"],
  limit: 8192,
  run: (input) => {
    const text = textOf(input);
    for (const entry of parsePasswd(text)) expect(parsePasswd(passwdLine(entry))).to.deep.equal([entry]);
    // Only for a few, since each parses the whole text again.
    for (const entry of parseGroup(text).slice(0, 5)) {
      expect(parseGroup(groupLine(entry))).to.deep.equal([entry]);
      const changed = parseGroup(addMembers(text, entry.name, ["new"]));
      expect(changed.some(({ name, members }) => name === entry.name && members.includes("new"))).to.equal(true);
      expect(changed.length).to.equal(parseGroup(text).length);
    }
  },
};

const globs: Target = {
  name: "globs",
  seeds: [
    "usr/**/lib*.so.[0-9]\nusr/lib/x/libz.so.1",
    "**\na/b",
    "[!a-z]?\\*\nA1*",
    "a/{b}\na/{b}",
    "**/*-*-*-*.js\na-a-a-a-a-a-a.ts",
    "[]a]\n]",
  ],
  words: ["**/", "*", "?", "[!", "[", "]", "-", "\\", "/**", "\n", "[a-", "[z-a]", "aaaaaaaaaaaaaaaa"],
  limit: 2048,
  run: (input) => {
    const [pattern = "", ...rest] = textOf(input).split("\n");
    const path = rest.join("\n");
    const matches = compileGlob(pattern);
    const isPath = path.split("/").every((part) => !["", ".", ".."].includes(part));
    if (!isGlob(pattern) && isPath) expect(matches(path)).to.equal(pattern === path);
    matches(path);
  },
};

export const rootfsTargets: readonly Target[] = [tar, accounts, globs];
