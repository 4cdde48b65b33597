import fc from "fast-check";
import { it } from "mocha";
import { readElfFacts, type ElfFacts } from "../../../provider/packages/root/elf-facts.js";
import { expect } from "../../support/expectations.js";

/** A shared object of 64 bits, little endian: header, two program headers, a dynamic section and its strings (elf(5)). */
function sharedObject(soname: string, gap: number): Buffer {
  const [headers, tags, strings] = [64, 64 + 2 * 56, 64 + 2 * 56 + 48 + gap];
  const file = Buffer.alloc(strings + 1 + soname.length + 1);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(62, 18);
  file.writeBigUInt64LE(BigInt(headers), 32);
  file.writeUInt32LE(7, 48);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, type: number, offset: number, address: number, size: number): void => {
    file.writeUInt32LE(type, at);
    for (const [field, value] of [
      [8, offset],
      [16, address],
      [32, size],
    ] as const)
      file.writeBigUInt64LE(BigInt(value), at + field);
  };
  segment(headers, 1, 0, 0x10000, file.length);
  segment(headers + 56, 2, tags, 0x10000 + tags, 48);
  const words = [14, 1, 5, 0x10000 + strings, 0, 0];
  for (const [at, word] of words.entries()) file.writeBigUInt64LE(BigInt(word), tags + 8 * at);
  file.write(`\0${soname}\0`, strings, "latin1");
  return file;
}

const elfFactsOf = (file: Buffer): ElfFacts | undefined => readElfFacts((at, length) => file.subarray(at, at + length));

it("a library's facts are read from few parts of it, as from the whole", () => {
  const file = sharedObject("libthing.so.1", 100_000_000);
  let read = 0;
  const facts = readElfFacts((at, length) => {
    const part = file.subarray(at, at + length);
    read += part.length;
    return part;
  });
  expect(facts).to.deep.equal({ bits: 64, machine: 62, flags: 7, soname: "libthing.so.1" });
  expect(elfFactsOf(file)).to.deep.equal(facts);
  expect(read).to.be.below(10_000);
});

it("a truncated file, or one with offsets outside of it, is not a library", () => {
  const file = sharedObject("libthing.so.1", 0);
  for (const length of [0, 40, 60, 100, 180, 200]) expect(elfFactsOf(file.subarray(0, length)), String(length)).to.equal(undefined);
  for (const [at, value] of [
    [32, 2n ** 63n],
    [64 + 56 + 8, 2n ** 40n],
    [64 + 56 + 32, 2n ** 40n],
  ] as const) {
    const bad = Buffer.from(file);
    bad.writeBigUInt64LE(value, at);
    expect(elfFactsOf(bad), String(at)).to.equal(undefined);
  }
});

it("a soname that is not a file name is rejected: a link of that name would be made", () => {
  const plain = { bits: 64, machine: 62, flags: 7 };
  for (const soname of ["../../../etc/cron.d/x", "/etc/x", "a/b", "..", ".", "", "a\nb", "a\x1b"])
    expect(elfFactsOf(sharedObject(soname, 0)), JSON.stringify(soname)).to.deep.equal(plain);
});

it("changed bytes give facts or none, and large tables are not read", () => {
  const file = sharedObject("libthing.so.1", 0);
  const change = fc.record({ at: fc.nat(file.length - 1), byte: fc.constantFrom(0, 1, 127, 128, 255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const bad = Buffer.from(file);
      for (const { at, byte } of changes) bad.writeUInt8(byte, at);
      const facts = readElfFacts((at, length) => {
        expect(length, String(length)).to.be.at.least(0);
        expect(length, String(length)).to.be.at.most(1024 ** 2);
        return bad.subarray(at, at + length);
      });
      expect(facts?.soname === undefined || !facts.soname.includes("/")).to.equal(true);
    }),
    { numRuns: 2000 },
  );
});
