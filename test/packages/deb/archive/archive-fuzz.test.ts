import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { after, describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { digestOf } from "../../../../provider/image/digest.js";
import { parseNetrc } from "../../../../provider/packages/fetch/credentials.js";
import { parseParagraphs } from "../../../../provider/packages/deb/formats/control.js";
import { unpackDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import { parseOneLine } from "../../../../provider/packages/deb/sources/one-line.js";
import { PackageIndex } from "../../../../provider/packages/deb/archive/package-index.js";
import { parseRelease } from "../../../../provider/packages/deb/archive/release.js";
import { verifyInRelease } from "../../../../provider/packages/deb/archive/signature.js";
import { parseDeb822Sources } from "../../../../provider/packages/deb/sources/deb822.js";
import { buildArchive } from "../../../support/archives/archive.js";
import { buildDeb, type DebPacking } from "../../../support/archives/deb.js";
import { makeKey } from "../../../support/archives/keys.js";
import { expect } from "../../../support/expectations.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const isLong = process.env["DHI_LONG"] !== undefined;
const runs = (short: number): fc.Parameters<unknown> => ({ seed, numRuns: isLong ? short * 30 : short });
/** Milliseconds after which a parser counts as hanging. */
const timeout = isLong ? 600_000 : 60_000;

const directory = mkdtempSync(join(tmpdir(), "dhi-fuzz-"));
after(() => {
  rmSync(directory, { recursive: true });
});

type Edit = (bytes: Buffer) => Buffer;
const where = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const some = fc.uint8Array({ minLength: 1, maxLength: 8 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ at: where, bit: fc.nat(7) }).map(({ at, bit }): Edit => (bytes) => {
    const copy = Buffer.from(bytes);
    const place = Math.floor(at * bytes.length);
    if (bytes.length > 0) copy.writeUInt8(copy.readUInt8(place) ^ (1 << bit), place);
    return copy;
  }),
  fc.record({ at: where, some }).map(
    ({ at, some }): Edit =>
      (bytes) =>
        splice(bytes, at, some.length, some),
  ),
  fc.record({ at: where, some }).map(
    ({ at, some }): Edit =>
      (bytes) =>
        splice(bytes, at, 0, some),
  ),
  fc.record({ at: where, length: fc.nat(600) }).map(
    ({ at, length }): Edit =>
      (bytes) =>
        splice(bytes, at, length, []),
  ),
  fc.record({ at: where, from: where, length: fc.nat(600) }).map(({ at, from, length }): Edit => (bytes) => {
    const start = Math.floor(from * bytes.length);
    return splice(bytes, at, 0, bytes.subarray(start, start + length));
  }),
  where.map(
    (at): Edit =>
      (bytes) =>
        bytes.subarray(0, Math.floor(at * bytes.length)),
  ),
);
const mutation = fc.array(edit, { minLength: 1, maxLength: 4 }).map(
  (edits): Edit =>
    (bytes) =>
      edits.reduce((all, one) => one(all), bytes),
);

function splice(bytes: Buffer, at: number, length: number, put: Uint8Array | readonly number[]): Buffer {
  const place = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(put), bytes.subarray(place + length)]);
}

/** The result of `work`, or undefined for an expected `DhiError`. */
async function orRefused<T>(work: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    expect(thrown, `not an error of ours: ${inspect(thrown)}`).to.be.instanceOf(DhiError);
    return undefined;
  }
}

describe(`bytes that were changed (seed ${seed})`, function () {
  this.timeout(timeout);
  const files = [
    { name: "usr/bin/tool", data: "program ".repeat(200), mode: 0o4755 },
    { name: "usr/bin/other", type: "1", link: "./usr/bin/tool" },
    { name: "usr/lib/x", type: "2", link: "../../etc" },
  ];
  const members = { postinst: "#!/bin/sh\n", conffiles: "/etc/tool\n" };

  for (const packing of ["", ".gz", ".xz", ".zst"] as const satisfies readonly DebPacking[])
    it(`of a package packed as ${packing === "" ? "it is" : packing} give ${packing === "" || packing === ".zst" ? "a package" : "the same package"} or an error of ours`, async () => {
      const deb = buildDeb({ name: "tool", files, members, packing });
      const file = join(directory, `fuzz${packing}.deb`);
      const unpack = async (bytes: Buffer): Promise<unknown> => {
        writeFileSync(file, bytes);
        return await orRefused(() => unpackDeb({ name: "tool", file, digest: digestOf("") }));
      };
      const whole = await unpack(deb);
      expect(whole).to.not.equal(undefined);
      await fc.assert(
        fc.asyncProperty(mutation, async (mutate) => {
          const found = await unpack(mutate(deb));
          // zstd and plain members have no checksum of their own: the index vouches for the file.
          if (found !== undefined && (packing === ".gz" || packing === ".xz"))
            expect(isDeepStrictEqual(found, whole), "another package").to.equal(true);
        }),
        runs(150),
      );
    });

  it("of an InRelease give the same text or an error of ours", async () => {
    const key = await makeKey("archive");
    const archive = await buildArchive([{ suite: "bookworm", packages: { main: [{ name: "tool" }] }, keys: [key] }]);
    const signed = archive.get("dists/bookworm/InRelease") ?? Buffer.alloc(0);
    const verify = (bytes: Buffer): Promise<string | undefined> =>
      orRefused(async () => (await verifyInRelease(bytes, { keys: [key.armored], what: "InRelease" })).text.toString("utf8"));
    const whole = await verify(signed);
    expect(whole).to.not.equal(undefined);
    await fc.assert(
      fc.asyncProperty(mutation, async (mutate) => {
        const found = await verify(mutate(signed));
        if (found !== undefined) expect(found).to.equal(whole);
      }),
      runs(300),
    );
  });

  it("of what was signed, of an index, of sources and logins give a value or an error of ours", async () => {
    const archive = await buildArchive([
      { suite: "bookworm", packages: { main: [{ name: "tool", fields: { Provides: "a, b (= 1)" } }] }, keys: [], indexes: [""] },
    ]);
    const read = (path: string): Buffer => archive.get(`dists/bookworm/${path}`) ?? Buffer.alloc(0);
    const deb822 = Buffer.from("Types: deb\nURIs: http://a.example/debian\nSuites: x\nComponents: main\nSigned-By: /a.gpg\n");
    const line = Buffer.from(`deb [arch=amd64 signed-by=/a.gpg,${"A".repeat(40)}] https://a.example/debian x main # y\n`);
    const netrc = Buffer.from('machine http://a.example:80/x login "a b" password c\nmacdef m\nx\n\ndefault login d password e\n');
    const readers: readonly (readonly [Buffer, (bytes: Buffer) => unknown])[] = [
      [read("Release"), (bytes) => parseRelease(bytes, "Release")],
      [read("main/binary-amd64/Packages"), (bytes) => namesOf(PackageIndex.scan(bytes, "Packages"))],
      [read("main/binary-amd64/Packages"), (bytes) => parseParagraphs(bytes.toString("latin1"), "Packages")],
      [deb822, (bytes) => parseDeb822Sources(bytes.toString("latin1"), "a.sources")],
      [line, (bytes) => parseOneLine(bytes.toString("latin1"))],
      [netrc, (bytes) => parseNetrc(bytes.toString("utf8"))],
    ];
    for (const [bytes, parse] of readers) {
      expect(bytes.length > 0 && (await orRefused(() => parse(bytes))) !== undefined).to.equal(true);
      await fc.assert(
        fc.asyncProperty(mutation, async (mutate) => {
          await orRefused(() => parse(mutate(bytes)));
        }),
        runs(500),
      );
    }
  });
});

function namesOf(index: PackageIndex): unknown {
  return [...index.names()].map((name) => [index.stanzas(name), index.providers(name)]);
}
