import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";

import { unxz } from "../../../../provider/packages/deb/formats/xz.js";
import { storedXz } from "../../../support/archives/xz.js";
import { expect } from "../../../support/expectations.js";

async function* inPieces(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
}

async function decoded(bytes: Buffer, step = 65_536): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of unxz(inPieces(bytes, step))) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** `printf 'hello hello hello hello hello hello\n' | xz`: LZMA2 that is really packed, CRC64. */
const hello = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AAjAA1dADQZSe6N6VdvLAkMgAAAAAAA6Y5DIHrT8j4AASkkEc7DWB+2830BAAAAAARZWg==",
  "base64",
);
const text = Buffer.from("some text");
const big = Buffer.concat([randomBytes(700_000), Buffer.alloc(900_000, "text ")]);
const nothing = Buffer.alloc(0);
const zeros = (count: number): Buffer => Buffer.alloc(count);

const good: readonly (readonly [what: string, encoded: readonly Buffer[], Buffer])[] = [
  ["a packed stream", [hello, hello], Buffer.from("hello hello hello hello hello hello\n".repeat(2))],
  ["a stream", [storedXz(text)], text],
  ["a big stream", [storedXz(big)], big],
  ["streams", [storedXz(text), storedXz(big), storedXz(text)], Buffer.concat([text, big, text])],
  [
    "streams with padding",
    [storedXz(text), zeros(8), storedXz(big), zeros(40_000), storedXz(text), zeros(4)],
    Buffer.concat([text, big, text]),
  ],
  [
    "a stream that ends as another begins",
    [storedXz(Buffer.concat([text, storedXz(text)])), storedXz(text)],
    Buffer.concat([text, storedXz(text), text]),
  ],
];

it("every stream is decoded, in pieces of any size", async () => {
  for (const [what, encoded, plain] of good)
    for (const step of [1021, 65_536, 10_000_000])
      expect((await decoded(Buffer.concat(encoded), step)).equals(plain), `${what} by ${step}`).to.equal(true);
});

it("any bytes and streams are decoded, however they are split", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 3 }),
      fc.nat(3),
      fc.integer({ min: 1, max: 40 }),
      async (parts, pad, step) => {
        const encoded = Buffer.concat(parts.flatMap((part) => [storedXz(Buffer.from(part)), zeros(4 * pad)]));
        expect((await decoded(encoded, step)).equals(Buffer.concat(parts))).to.equal(true);
      },
    ),
    { numRuns: 40 },
  );
});

it("two streams at a time do not mix", async () => {
  const all = await Promise.all(
    [big, text, Buffer.concat([big, big]), text].map(async (plain) => (await decoded(storedXz(plain), 65_536)).equals(plain)),
  );
  expect(all).to.deep.equal([true, true, true, true]);
});

/** With one byte changed, `back` before the end. */
function flipped(bytes: Buffer, back: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bytes.length - back] = (changed[bytes.length - back] ?? 0) ^ 0x55;
  return changed;
}

const bad: readonly (readonly [what: string, bytes: Buffer, code: string, message: RegExp])[] = [
  ["nothing", nothing, "mismatch", /truncated/],
  ["half a header", storedXz(text).subarray(0, 7), "mismatch", /truncated/],
  ["no footer", storedXz(text).subarray(0, -4), "mismatch", /truncated/],
  ["half of the data", storedXz(big).subarray(0, 300_000), "mismatch", /truncated/],
  ["cut within the second stream", Buffer.concat([storedXz(text), storedXz(text).subarray(0, 30)]), "mismatch", /truncated/],
  ["cut padding", Buffer.concat([storedXz(text), zeros(3)]), "invalid", /damaged/],
  ["no xz", Buffer.alloc(100, "x"), "invalid", /not xz data/],
  ["something behind it", Buffer.concat([storedXz(text), Buffer.from("something else")]), "invalid", /not xz data/],
  ["a flipped bit", Buffer.from(storedXz(big)).fill(Buffer.from([1, 2, 3]), 5000, 5003), "invalid", /damaged/],
  ["a flipped bit in the index", flipped(storedXz(text), 14), "invalid", /damaged/],
];

it("truncated, damaged and other data is rejected, and the next stream is decoded", async () => {
  for (const [what, bytes, code, message] of bad) {
    await expect(decoded(bytes), what).to.be.rejectedWithError(
      (thrown) => thrown instanceof DhiError && thrown.code === code && message.test(thrown.message),
    );
    expect((await decoded(storedXz(text))).equals(text), `after ${what}`).to.equal(true);
  }
});

it("a source that fails, and a reader that stops, do not block others", async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield storedXz(big).subarray(0, 400_000);
    await Promise.resolve();
    throw new Error("the disk is gone");
  }
  for (let round = 0; round < 6; round += 1) {
    await expect(
      (async () => {
        for await (const piece of unxz(failing())) expect(piece.length).to.be.above(0);
      })(),
    ).to.be.rejectedWithError(/the disk is gone/);
    for await (const piece of unxz(inPieces(storedXz(big), 65_536))) {
      expect(piece.length).to.be.above(0);
      break;
    }
  }
  expect((await decoded(storedXz(big))).equals(big)).to.equal(true);
});
