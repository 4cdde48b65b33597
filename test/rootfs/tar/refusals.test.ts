import fc from "fast-check";
import { it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { TarReader } from "../../../provider/rootfs/tar/reader.js";
import { expect } from "../../support/expectations.js";
import { archive, headerBlock, paxHeader, withData } from "../../support/tar/archive.js";
import { base256, holeOf } from "../../support/tar/holes.js";
import { readArchive } from "../../support/tar/read.js";
import { samples } from "../../support/tar/samples.js";

const id = (value: bigint): string => base256(value).slice(-8).replace(/^./s, "\x80");
const globalRecords = (count: number): Buffer =>
  paxHeader(
    Array.from({ length: count }, (_, at) => [`k${String(at)}`, "v"]),
    "g",
  );
const sparseWith = (map: string, size: number, data: string): Buffer =>
  Buffer.concat([paxHeader([["GNU.sparse.size", String(size)], ["GNU.sparse.map", map]]), withData({ name: "s" }, data)]); // prettier-ignore

/** A file of 10 bytes in GNU's old form, with one byte of data. */
function oldSparse(runs: readonly (readonly [bigint, bigint])[]): Buffer {
  const map = runs.flatMap(([offset, length], at) => [[386 + 24 * at, base256(offset)], [398 + 24 * at, base256(length)]] as const); // prettier-ignore
  return withData({ name: "s", type: "S", magic: "gnu", patches: [...map, [483, base256(10n)]] }, "a");
}

const bad: readonly (readonly [what: string, bytes: Buffer, code: string, message: RegExp])[] = [
  ["a wrong checksum", archive(headerBlock({ name: "a", sum: "wrong" })), "invalid", /the tar header at byte 0 is not valid/],
  ["what is not a tar", Buffer.alloc(512, "nonsense"), "invalid", /tar header at byte \d+ is not valid/],
  ["a climbing name", archive(headerBlock({ name: "a/../../b" })), "invalid", /tar entry \/a\/\.\.\/\.\.\/b: .*\.\./],
  ["a climbing link", archive(headerBlock({ name: "a", type: "1", link: "../b" })), "invalid", /tar entry \/a: .*\/\.\.\/b/],
  ["NUL in a pax path", archive(paxHeader([["path", "a\0b"]]), headerBlock({ name: "x" })), "invalid", /\/a\\x00b.*NUL/],
  ["an unknown type", archive(headerBlock({ name: "a", type: "Q" })), "invalid", /tar entry \/a: its type "Q"/],
  ["a file without name", archive(headerBlock({ name: "./", type: "6" })), "invalid", /no name/],
  ["an invalid number", archive(headerBlock({ name: "a", uid: "12x" })), "invalid", /\/a is damaged: its uid/],
  ["a number beyond 2^53", archive(headerBlock({ name: "a", size: "\xbf".padEnd(12, "\xff") })), "invalid", /its size/],
  [
    "a negative size",
    archive(headerBlock({ name: "a", size: base256(-5n) })),
    "invalid",
    /\/a is damaged: its size is a negative number, -5/,
  ],
  [
    "a negative size of a header before it",
    archive(headerBlock({ name: "a", type: "V", size: base256(-5n) })),
    "invalid",
    /its size is a negative/,
  ],
  ["a negative mode", archive(headerBlock({ name: "a", patches: [[100, "\xff".repeat(8)]] })), "invalid", /its mode is a negative number/],
  ["a negative owner", archive(headerBlock({ name: "a", uid: "\xff".repeat(8) })), "invalid", /its uid is a negative number/],
  [
    "a negative device",
    archive(headerBlock({ name: "a", type: "3", patches: [[329, "\xff".repeat(8)]] })),
    "invalid",
    /its device major is a negative/,
  ],
  [
    "a device beyond 32 bits",
    archive(headerBlock({ name: "a", type: "3", patches: [[337, id(2n ** 32n)]] })),
    "invalid",
    /its device minor is 4294967296/,
  ],
  [
    "a uid beyond 32 bits",
    archive(headerBlock({ name: "a", uid: id(2n ** 32n) })),
    "invalid",
    /its uid is 4294967296, which is not between 0 and 4294967295/,
  ],
  ["a gid beyond 32 bits", archive(paxHeader([["gid", "4294967296"]]), headerBlock({ name: "a" })), "invalid", /its gid is 4294967296/],
  [
    "a time beyond all years",
    archive(headerBlock({ name: "a", mtime: base256(10n ** 15n) })),
    "invalid",
    /its mtime is 1000000000000000, which/,
  ],
  [
    "a time before all years",
    archive(headerBlock({ name: "a", mtime: base256(-(10n ** 15n)) })),
    "invalid",
    /its mtime is -1000000000000000, which/,
  ],
  ["a negative real size", archive(holeOf("a", -5n)), "invalid", /tar entry \/a: its real size is a negative number, -5/],
  [
    "a negative size that makes room for holes",
    archive(holeOf("a", -(2n ** 52n)), holeOf("b", 2n ** 40n)),
    "invalid",
    /real size is a negative/,
  ],
  ["a real size smaller than what is stored", archive(sparseWith("1,1", 1, "abcdef")), "invalid", /not in order/],
  [
    "a run of negative length",
    archive(
      oldSparse([
        [5n, -3n],
        [2n, 3n],
      ]),
    ),
    "invalid",
    /not in order/,
  ],
  ["a run that begins before the file", archive(oldSparse([[-4n, 4n]])), "invalid", /not in order/],
  ["runs whose sum is beyond 2^53", archive(oldSparse([[1n, 2n ** 53n - 1n]])), "invalid", /not in order/],
  [
    "more holes than one archive may have",
    archive(holeOf("a", 2n ** 33n), holeOf("b", 1n)),
    "limit",
    /\/b: .*holes in sparse files: the limit is 8,589,934,592/,
  ],
  ["65 global records", archive(globalRecords(65), headerBlock({ name: "a" })), "limit", /too many global pax records: the limit is 64/],
  [
    "a damaged pax header",
    archive(withData({ name: "x", type: "x" }, "99 path=a\n"), headerBlock({ name: "a" })),
    "invalid",
    /pax extended header/,
  ],
  ["a symlink to nowhere", archive(headerBlock({ name: "a", type: "2" })), "invalid", /tar entry \/a: the symlink/],
  ["an archive truncated in a header", headerBlock({ name: "a" }).subarray(0, 300), "mismatch", /truncated after 300 bytes/],
  ["an archive truncated in the data", withData({ name: "a" }, "x".repeat(900)).subarray(0, 700), "mismatch", /tar entry \/a: .*truncated/],
  ["an archive truncated after a pax header", paxHeader([["path", "a"]]), "mismatch", /truncated/],
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
    /lists 1 bytes but 2/,
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
  it(`reading rejects ${what}`, () => {
    for (const step of [bytes.length, 100]) expect(() => readArchive(bytes, step)).to.throwError({ name: "DhiError", code, message });
  });
}

const good: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["ids of 32 bits", archive(headerBlock({ name: "a", uid: id(2n ** 32n - 1n) }), paxHeader([["gid", "4294967295"]]), headerBlock({ name: "b" }))], // prettier-ignore
  ["a device of 32 bits", archive(headerBlock({ name: "a", type: "3", patches: [[337, id(2n ** 32n - 1n)]] }))],
  ["the last time", archive(headerBlock({ name: "a", mtime: base256(10n ** 15n - 1n) }))],
  ["the first time", archive(headerBlock({ name: "a", mtime: base256(1n - 10n ** 15n) }))],
  ["8 GiB of holes", archive(holeOf("a", 2n ** 33n - 1n), holeOf("b", 1n))],
  ["64 global records", archive(globalRecords(64), headerBlock({ name: "a" }))],
];

for (const [what, bytes] of good) {
  it(`reading accepts ${what}, just within the limit`, () => {
    for (const step of [bytes.length, 100]) expect(readArchive(bytes, step).length).to.be.above(0);
  });
}

it("reading yields holes and data in the order of the file, a hole in pieces", () => {
  const events: string[] = [];
  const handler = {
    entry: () => undefined,
    data: (bytes: Buffer) => events.push(bytes.toString("latin1")),
    hole: (length: number) => events.push(String(length)),
    end: () => events.push("end"),
  };
  const bytes = archive(sparseWith("2,1,3,1,1048580,2", 2 ** 21 + 1048583, "abcd"), sparseWith("", 3, ""));
  const reader = new TarReader(handler);
  reader.write(bytes);
  reader.end();
  expect(events).to.deep.equal(["2", "a", "b", "1048576", "cd", "1048576", "1048576", "1", "end", "3", "end"]);
});

it("reading accepts or rejects any changed archive", () => {
  const whole = archive(...samples.flatMap(([, parts]) => parts));
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
        expect(thrown, String(thrown)).to.be.instanceOf(DhiError);
      }
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

/** So that changes reach the code after the checksum check. */
function repairChecksum(bytes: Buffer, at: number): void {
  bytes.fill(" ", at + 148, at + 156);
  let sum = 0;
  for (const byte of bytes.subarray(at, at + 512)) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
}
