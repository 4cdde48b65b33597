import { randomBytes } from "node:crypto";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import type { LayerCompression } from "../../../provider/image/media-types.js";
import { decompress } from "../../../provider/rootfs/compression/decompress.js";
import { expect } from "../../support/expectations.js";

async function* inPieces(bytes: Buffer, step: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
}

async function decoded(bytes: Buffer, compression: LayerCompression, step = 65_536): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of decompress(inPieces(bytes, step), compression)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const big = Buffer.concat([randomBytes(700_000), Buffer.alloc(3_000_000, "text "), randomBytes(10)]);
const frame = (bytes: Buffer, params: Record<number, number> = {}, pledged = true): Buffer =>
  zstdCompressSync(bytes, pledged ? { params, pledgedSrcSize: bytes.length } : { params });
const skippable = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from("hello")]);
const noSize = { [constants.ZSTD_c_contentSizeFlag]: 0 };
const sum = { [constants.ZSTD_c_checksumFlag]: 1 };
const text = Buffer.from("some text");
const nothing = Buffer.alloc(0);

const good: readonly (readonly [what: string, LayerCompression, encoded: readonly Buffer[], Buffer])[] = [
  ["plain bytes", "none", [text], text],
  ["a gzip member", "gzip", [gzipSync(big)], big],
  ["gzip members", "gzip", [gzipSync(text), gzipSync(nothing), gzipSync(big), gzipSync(text)], Buffer.concat([text, big, text])],
  ["gzip followed by zeros", "gzip", [gzipSync(text), Buffer.alloc(100_000)], text],
  ["a zstd frame", "zstd", [frame(big)], big],
  [
    "zstd frames",
    "zstd",
    [frame(text), frame(nothing), frame(big, noSize), frame(text, sum), frame(big, sum)],
    Buffer.concat([text, big, text, big]),
  ],
  ["skippable frames", "zstd", [skippable, frame(text, noSize), skippable, skippable, frame(text), skippable], Buffer.concat([text, text])],
  ["a run of one byte", "zstd", [frame(Buffer.alloc(5_000_000)), frame(text)], Buffer.concat([Buffer.alloc(5_000_000), text])],
];

for (const [what, compression, encoded, expected] of good) {
  it(`decompressing reads ${what}`, async () => {
    const whole = Buffer.concat(encoded);
    const steps = whole.length > 20_000 ? [whole.length, 65_536, 4093] : [whole.length, 100, 1];
    for (const step of steps)
      expect(expected.equals(await decoded(whole, compression, step)), `in pieces of ${String(step)}`).to.equal(true);
  });
}

const wrongSum = frame(text, sum);
wrongSum.writeUInt8(wrongSum.readUInt8(wrongSum.length - 1) ^ 1, wrongSum.length - 1);

const bad: readonly (readonly [what: string, LayerCompression, encoded: readonly Buffer[], code: string])[] = [
  ["empty gzip", "gzip", [nothing], "mismatch"],
  ["gzip truncated in its header", "gzip", [gzipSync(text).subarray(0, 7)], "mismatch"],
  ["gzip truncated in its data", "gzip", [gzipSync(big).subarray(0, 400_000)], "mismatch"],
  ["gzip truncated in its trailer", "gzip", [gzipSync(text).subarray(0, -3)], "mismatch"],
  ["gzip truncated in its second header", "gzip", [gzipSync(text), gzipSync(text).subarray(0, 3)], "mismatch"],
  ["garbage after gzip", "gzip", [gzipSync(text), Buffer.from("garbage")], "invalid"],
  ["garbage after zeros after gzip", "gzip", [gzipSync(text), Buffer.alloc(70_000), Buffer.from("x")], "invalid"],
  ["a member after zeros", "gzip", [gzipSync(text), Buffer.alloc(10), gzipSync(text)], "invalid"],
  ["empty zstd", "zstd", [nothing], "mismatch"],
  ["zstd truncated in its header", "zstd", [frame(text).subarray(0, 5)], "mismatch"],
  ["zstd truncated in its data", "zstd", [frame(big).subarray(0, 400_000)], "mismatch"],
  ["zstd truncated in its second frame", "zstd", [frame(text), frame(text).subarray(0, -1)], "mismatch"],
  ["a truncated skippable frame", "zstd", [frame(text), skippable.subarray(0, -1)], "mismatch"],
  ["garbage after zstd", "zstd", [frame(text), Buffer.from("garbage")], "invalid"],
  ["zeros after zstd", "zstd", [frame(text), Buffer.alloc(8)], "invalid"],
  ["a wrong checksum of zstd", "zstd", [wrongSum], "invalid"],
  ["gzip as zstd", "zstd", [gzipSync(text)], "invalid"],
  ["zstd as gzip", "gzip", [frame(text)], "invalid"],
];

for (const [what, compression, encoded, code] of bad) {
  it(`decompressing rejects ${what}`, async () => {
    const whole = Buffer.concat(encoded);
    for (const step of [whole.length + 1, 65_536, 1009])
      await expect(decoded(whole, compression, step)).to.be.rejectedWithError({ name: "DhiError", code });
  });
}

it("decompressing reports a failing source, and closes one that is no longer needed", async () => {
  const failure = new Error("connection lost");
  for (const [compression, bytes] of [
    ["gzip", gzipSync(big)],
    ["zstd", frame(big)],
  ] as const) {
    const state = { closed: false };
    const source = async function* (fail: boolean): AsyncGenerator<Buffer> {
      try {
        yield* inPieces(bytes.subarray(0, 300_000), 10_000);
        if (fail) throw failure;
        yield* inPieces(bytes.subarray(300_000), 10_000);
      } finally {
        state.closed = true;
      }
    };
    await expect(
      (async () => {
        for await (const piece of decompress(source(true), compression)) expect(piece.length).to.be.above(0);
      })(),
    ).to.be.rejectedWithError(failure);
    state.closed = false;
    for await (const piece of decompress(source(false), compression)) if (piece.length > 0) break;
    expect(state.closed).to.equal(true);
  }
});

it("decompressing reads or rejects any changed bytes", async () => {
  const wholes = { gzip: Buffer.concat([gzipSync(text), gzipSync(text)]), zstd: Buffer.concat([frame(text), skippable, frame(text, sum)]) };
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(200) });
  const property = fc.asyncProperty(fc.constantFrom("gzip" as const, "zstd" as const), change, async (compression, { at, byte, cut }) => {
    const bytes = Buffer.from(wholes[compression]);
    bytes[at % bytes.length] = byte;
    await decoded(bytes.subarray(0, Math.max(1, bytes.length - (cut > 100 ? cut - 100 : 0))), compression).catch((thrown: unknown) => {
      expect(thrown, String(thrown)).to.be.instanceOf(DhiError);
    });
  });
  await fc.assert(property, { numRuns: 500 });
});
