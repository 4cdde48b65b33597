import fc from "fast-check";
import { it } from "mocha";
import { encodePax, formatPaxTime, parsePax, parsePaxNumber, parsePaxTime } from "../../../provider/rootfs/tar/pax.js";
import { expect } from "../../support/expectations.js";

const bytes = fc.uint8Array({ maxLength: 120 }).map((value) => Buffer.from(value).toString("latin1"));

it("pax records are read back, sorted, whatever their bytes", () => {
  const key = bytes.map((text) => `k${text.replace(/[=\0\n]/g, "-")}`);
  fc.assert(
    fc.property(fc.dictionary(key, bytes, { noNullPrototype: true }), (records) => {
      const sorted = Object.entries(records).sort(([a], [b]) => (a < b ? -1 : 1));
      expect(parsePax(encodePax(Object.entries(records)))).to.deep.equal(sorted);
    }),
  );
});

it("a pax record's length includes its own digits", () => {
  for (let length = 0; length < 1100; length += 1) {
    const encoded = encodePax([["k", "v".repeat(length)]]).toString();
    expect(Number.parseInt(encoded, 10)).to.equal(encoded.length);
  }
});

for (const text of ["x", "5 a=b", "7 a=b\n", "5 a=b\n", "6 ab\nx\n", "5 =b\n1", "-6 a=b\n", "99999999999 a=b\n", " a=b\n", "6 a=b\nrest"]) {
  it(`a damaged pax header is rejected: ${JSON.stringify(text)}`, () =>
    expect(() => parsePax(Buffer.from(text))).to.throwError({ code: "invalid" }));
}

it("repeated pax records stay in order, NULs at the end are padding", () => {
  expect(parsePax(Buffer.from("6 a=1\n6 a=2\n\0\0"))).to.deep.equal([
    ["a", "1"],
    ["a", "2"],
  ]);
});

for (const key of ["", "a=b", "a\n", "a\0"]) {
  it(`an invalid pax key is rejected: ${JSON.stringify(key)}`, () =>
    expect(() => encodePax([[key, "v"]])).to.throwError({ code: "invalid" }));
}

const times: readonly (readonly [text: string, seconds: number, nanoseconds: number])[] = [
  ["0", 0, 0],
  ["12.5", 12, 500_000_000],
  ["-1", -1, 0],
  ["-1.5", -2, 500_000_000],
  ["-0.000000001", -1, 999_999_999],
];

for (const [text, seconds, nanoseconds] of times) {
  it(`a pax time is parsed and formatted: ${text}`, () => {
    expect(parsePaxTime(text)).to.deep.equal({ seconds, nanoseconds });
    expect(formatPaxTime(seconds, nanoseconds)).to.equal(text);
  });
}

it("pax times are truncated to nanoseconds, and invalid ones are undefined", () => {
  expect(parsePaxTime("1.1234567899")).to.deep.equal({ seconds: 1, nanoseconds: 123_456_789 });
  for (const text of ["", "x", "1e3", "1.2.3", "--1", "+1", " 1", "0x1"]) expect(parsePaxTime(text), text).to.equal(undefined);
});

it("pax numbers are parsed, and invalid ones are undefined", () => {
  expect(parsePaxNumber("9007199254740991")).to.equal(2 ** 53 - 1);
  for (const text of ["", "-1", "1.5", "9007199254740992", "x"]) expect(parsePaxNumber(text), text).to.equal(undefined);
});
