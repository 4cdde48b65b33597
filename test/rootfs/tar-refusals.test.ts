import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { DhiError } from "../../provider/errors.js";
import { archive, headerBlock, paxHeader, withData } from "../support/tar/archive.js";
import { readArchive } from "../support/tar/read.js";
import { samples } from "../support/tar/samples.js";

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
