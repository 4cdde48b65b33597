import { randomBytes } from "node:crypto";
import type { LayerParts } from "../support/images/image.js";
import { archive, headerBlock, paxHeader, withData } from "../support/tar/archive.js";
import { holeOf } from "../support/tar/holes.js";

/** Like `archive`, for more parts than a call can have arguments. */
const joined = (parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, archive()]);
const some = (count: number, make: (at: number) => readonly Buffer[]): Buffer =>
  joined(Array.from({ length: count }, (_, at) => make(at)).flat());
const records = (count: number): readonly (readonly [string, string])[] =>
  Array.from({ length: count }, (_, at) => [`SCHILY.xattr.user.${String(at)}`, "v"] as const);
const deep = Array.from({ length: 2000 }, () => "a").join("/");

/** One sparse file of `runs` runs of a byte each (GNU's format 1.0). */
function manyRuns(name: string, runs: number): readonly Buffer[] {
  const map = `${String(runs)}\n${Array.from({ length: runs }, (_, at) => `${String(at * 2)}\n1\n`).join("")}`;
  const data = Buffer.concat([Buffer.from(map.padEnd(Math.ceil(map.length / 512) * 512, "\0")), Buffer.alloc(runs)]);
  const pax = [
    ["GNU.sparse.major", "1"],
    ["GNU.sparse.minor", "0"],
    ["GNU.sparse.name", name],
    ["GNU.sparse.realsize", String(runs * 2)],
  ] as const;
  return [paxHeader(pax), withData({ name: "x" }, data)];
}

/** Links at the root, each to the target of the one before and 4,000 bytes deeper. */
function deepened(hops: number): Buffer {
  const parts = [paxHeader([["path", `${deep}/`]]), headerBlock({ name: "x/", type: "5" })];
  for (let at = 0; at < hops; at += 1) {
    const target = at === 0 ? deep : `s${String(at - 1)}/${deep}`;
    parts.push(paxHeader([["linkpath", target]]), headerBlock({ name: `s${String(at)}`, type: "2", link: "x" }));
    parts.push(paxHeader([["path", `s${String(at)}/${deep}/`]]), headerBlock({ name: "x/", type: "5" }));
  }
  return archive(...parts);
}

/** Small layers that expand to very much, and the error for each. */
export const bombs: readonly (readonly [what: string, tar: () => Buffer, message: RegExp])[] = [
  ["a negative size of a sparse file, and then a terabyte of holes", () => archive(holeOf("opt/a", -(2n ** 52n)), holeOf("opt/b", 2n ** 40n)), /\/opt\/a: its real size is a negative number/], // prettier-ignore
  ["a terabyte of holes", () => archive(holeOf("opt/b", 2n ** 40n)), /\/opt\/b: too many bytes of holes in sparse files: the limit is 8,589,934,592/], // prettier-ignore
  ["500 files of 4 MiB of holes under etc", () => some(500, (at) => [holeOf(`etc/${String(at)}`, 4n * 2n ** 20n)]), /\/etc\/\d+: the files that adding packages.* too many bytes: the limit is 50,331,648/], // prettier-ignore
  ["a global pax header of 4,000 records", () => archive(paxHeader(records(4000), "g"), headerBlock({ name: "opt/a" })), /too many global pax records: the limit is 64/], // prettier-ignore
  ["1,000 entries of 4,000 records each", () => some(1000, (at) => [paxHeader(records(4000)), headerBlock({ name: `opt/${String(at)}` })]), /too many files, long names, attributes/], // prettier-ignore
  ["20 sparse files of 262,144 runs", () => some(20, (at) => manyRuns(`opt/${String(at)}`, 262_144)), /too many files, long names, attributes/], // prettier-ignore
  ["a million empty files", () => some(1_000_000, (at) => [headerBlock({ name: `opt/${String(at)}` })]), /too many files, long names, attributes/], // prettier-ignore
  ["2,000 names of 2,000 folders each", () => some(2000, (at) => [paxHeader([["path", `${String(at)}/${deep}`]]), headerBlock({ name: "x" })]), /too many files, long names, attributes/], // prettier-ignore
  ["a tree deepened by links", () => deepened(6), /resolves through links to a path of \d+ bytes: the limit is 4,096/],
];

/** As much as is just allowed: every memory limit nearly reached, with incompressible bytes. */
export function fullest(files: number, keptFiles: number): LayerParts {
  const kept = Array.from({ length: keptFiles }, (_, at) => withData({ name: `etc/${String(at)}` }, randomBytes(4 * 2 ** 20 - 512)));
  const named = Array.from({ length: files }, (_, at) => withData({ name: `opt/${String(at)}` }, String(at)));
  return { tar: joined([...kept, ...named]) };
}
