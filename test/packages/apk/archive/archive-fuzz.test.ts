import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { after, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { ApkCheck } from "../../../../provider/packages/apk/formats/apk-check.js";
import { unpackApk } from "../../../../provider/packages/apk/formats/apk-file.js";
import { readApkHead } from "../../../../provider/packages/apk/formats/apk-segments.js";
import { parseDependencies } from "../../../../provider/packages/apk/formats/dependency.js";
import { ApkIndex } from "../../../../provider/packages/apk/archive/package-index.js";
import { indexDigest, openSignedIndex, signatureDigest } from "../../../../provider/packages/apk/archive/signed-index.js";
import { parseRepositories } from "../../../../provider/packages/apk/sources/base.js";
import { buildApk, buildApkIndex, makeApkKey, segment } from "../../../support/archives/apk.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { archive, headerBlock, withData } from "../../../support/tar/archive.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const numRuns = process.env["DHI_LONG"] === undefined ? 150 : 5000;
const directory = mkdtempSync(join(tmpdir(), "dhi-apk-fuzz-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const key = makeApkKey();
const dataTar = archive(
  headerBlock({ name: "usr/", type: "5", mode: 0o755 }),
  withData({ name: "usr/thing" }, "the program"),
  headerBlock({ name: "usr/link", type: "2", link: "thing" }),
  headerBlock({ name: "usr/same", type: "1", link: "usr/thing" }),
);
const good = buildApk({ name: "thing", fields: { D: "so:x>=1 !y", p: "cmd:thing=1", i: "a b" }, key }, { data: gzipSync(dataTar) });
const index = buildApkIndex([good.stanza, buildApk({ name: "other" }).stanza], { key });

/** Bytes replaced, removed or inserted, several times. */
const changes = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), bytes: fc.uint8Array({ maxLength: 4 }), over: fc.nat(6) }),
  { minLength: 1, maxLength: 3 },
);
type Change = { readonly at: number; readonly bytes: Uint8Array; readonly over: number };

function changed(bytes: Buffer, all: readonly Change[]): Buffer {
  return all.reduce((before, { at, bytes: put, over }) => {
    const start = Math.floor(at * before.length);
    return Buffer.concat([before.subarray(0, start), put, before.subarray(start + over)]);
  }, bytes);
}

/** The result of `work`, or undefined for a `DhiError`; any other error is thrown. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    expect(thrown, String(thrown)).to.be.instanceOf(DhiError);
    return undefined;
  }
}

it("a randomly changed package is rejected, and an accepted one is the package that was listed", () => {
  fc.assert(
    fc.property(changes, (all) => {
      const bytes = changed(good.file, all);
      attempt(() => readApkHead(bytes));
      const head = attempt(() => {
        const check = new ApkCheck(good.checksum);
        check.write(bytes);
        return check.end();
      });
      // The package's own signature may be another: the index tells which one it is.
      if (head !== undefined) expect(bytes.subarray(head.dataStart).equals(good.data)).to.equal(true);
    }),
    { seed, numRuns: numRuns * 4 },
  );
});

it("randomly changed segments with the right checksums unpack, or are a DhiError", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), async (all, ofControl) => {
      const control = ofControl ? segment(changed(withData({ name: ".PKGINFO" }, `datahash = ${"0".repeat(64)}\n`), all)) : undefined;
      const { file, checksum } = buildApk(
        { name: "thing" },
        { data: gzipSync(ofControl ? dataTar : changed(dataTar, all)), ...(control === undefined ? {} : { control }) },
      );
      const path = join(directory, String((count += 1)));
      writeFileSync(path, file);
      try {
        for (const entry of (await unpackApk({ name: "thing", file: path, checksum })).entries)
          expect(entry.path.startsWith("/"), entry.path).to.equal(false);
      } catch (thrown) {
        expectThat(thrown instanceof DhiError, String(thrown));
        expect(thrown.origin).to.equal("packages");
      } finally {
        rmSync(path);
      }
    }),
    { seed, numRuns },
  );
});

it("a randomly changed index is rejected: only the wrapping of its signature may differ", () => {
  const source = { keys: [key.publicKey], allowUnsigned: false };
  const { text } = openSignedIndex(index, source, "index");
  fc.assert(
    fc.property(changes, (all) => {
      const bytes = changed(index, all);
      attempt(() => signatureDigest(bytes.subarray(0, 100)));
      attempt(() => indexDigest(bytes));
      const opened = attempt(() => openSignedIndex(bytes, source, "index"));
      if (opened !== undefined) expect(opened.text).to.equal(text);
    }),
    { seed, numRuns: numRuns * 4 },
  );
});

it("a randomly changed index text gives packages with safe names, or a DhiError", () => {
  const repository = {
    url: "http://a.example",
    tag: undefined,
    source: { url: "", suites: [], components: [], keys: [], allowUnsigned: false, origin: "public" },
  } as const;
  fc.assert(
    fc.property(changes, (all) => {
      const text = changed(Buffer.from(good.stanza, "latin1"), all).toString("latin1");
      const found = attempt(() => new ApkIndex([{ text, repository, what: "index" }]));
      for (const name of found?.names() ?? [])
        for (const one of attempt(() => found?.named(name)) ?? [])
          expect(`${one.name}-${one.version}.apk`).to.match(/^[A-Za-z0-9._][A-Za-z0-9+._-]*$/);
      attempt(() => parseDependencies(text, "D"));
      for (const { url } of parseRepositories(text)) expect(URL.canParse(url)).to.equal(true);
    }),
    { seed, numRuns: numRuns * 4 },
  );
});
