import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { PackageIndex } from "../../../../provider/packages/deb/archive/package-index.js";
import { bytesSource, StanzaFile } from "../../../../provider/packages/deb/archive/stanza-file.js";
import { MAX_STANZA } from "../../../../provider/packages/deb/archive/package-scan.js";
import { expect } from "../../../support/expectations.js";

const directory = mkdtempSync(join(tmpdir(), "dhi-index-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const stanzas = {
  bash: "Package: bash\nVersion: 5.2\nDescription: a shell \xe9\n",
  mawk: "Package: mawk\nVersion: 1.3\nProvides: awk, awk-any (= 1)\n",
  gawk: "Package: gawk\nProvides:\n awk,\n new-awk\nVersion: 5.2\n",
  newer: "Package: bash\nVersion: 5.3\nProvides: sh\n",
  odd: "Version: 1\nPackage:\todd \n",
};
const bytes = Buffer.from(`\n${Object.values(stanzas).join("\n\n")}`, "latin1");

function check(index: PackageIndex): void {
  expect([...index.names()]).to.deep.equal(["bash", "gawk", "mawk", "odd"]);
  expect(index.stanzas("bash")).to.deep.equal([stanzas.bash, stanzas.newer]);
  expect(index.stanzas("odd")).to.deep.equal([stanzas.odd]);
  expect(index.providers("awk")).to.deep.equal([stanzas.mawk, stanzas.gawk]);
  expect(index.providers("sh")).to.deep.equal([stanzas.newer]);
  expect([...index.provided()]).to.deep.equal(["awk", "awk-any", "new-awk", "sh"]);
  expect(index.stanzas("awk")).to.deep.equal([]);
  expect(index.providers("bash")).to.deep.equal([]);
  expect(index.has("mawk")).to.equal(true);
  expect(index.has("awk")).to.equal(false);
}

it("stanzas are found by name and by what they provide", () => {
  check(PackageIndex.scan(bytes, "Packages"));
  expect([...PackageIndex.scan(Buffer.from("\n\n"), "Packages").names()]).to.deep.equal([]);
  const open = PackageIndex.scan(Buffer.from("Package: a\nVersion: 1"), "Packages");
  expect(open.stanzas("a")).to.deep.equal(["Package: a\nVersion: 1\n"]);
});

const fails =
  (code: string, message: RegExp) =>
  (thrown: unknown): boolean =>
    thrown instanceof DhiError && thrown.code === code && message.test(thrown.message);

it("the table is kept, and stanzas are read from the file", () => {
  const table = PackageIndex.scan(bytes, "Packages").encode();
  const file = join(directory, "Packages");
  writeFileSync(file, bytes);
  const source = new StanzaFile(file, "Packages");
  check(PackageIndex.decode(table, source, "Packages"));
  truncateSync(file, 207);
  expect(() => PackageIndex.decode(table, source, "Packages").stanzas("odd")).to.throwError(fails("mismatch", /truncated after 207 bytes/));
  source.close();
});

it("a table that does not match is rejected", () => {
  const table = PackageIndex.scan(bytes, "Packages").encode();
  const decode =
    (kept: Buffer, of = bytes) =>
    (): PackageIndex =>
      PackageIndex.decode(kept, bytesSource(of), "Packages");
  expect(decode(table.subarray(0, -1))).to.throwError(fails("invalid", /damaged/));
  expect(decode(Buffer.from("nonsense"))).to.throwError(fails("invalid", /damaged/));
  expect(decode(Buffer.from(table).fill(Buffer.from([1, 2, 3]), 60, 63))).to.throwError(fails("invalid", /damaged/));
  expect(decode(table, bytes.subarray(1))).to.throwError(fails("invalid", /another Packages file/));
});

it("an invalid package index is rejected", () => {
  const scan = (text: string) => (): PackageIndex => PackageIndex.scan(Buffer.from(text, "latin1"), "Packages of x");
  expect(scan("Version: 1\n")).to.throwError(fails("invalid", /^Packages of x: the stanza at byte 0 has no valid package name/));
  expect(scan("Package: a\n\nPackage: ../b\n")).to.throwError(fails("invalid", /the stanza at byte 12 has no valid package name/));
  expect(scan("Package: a\x1b\n")).to.throwError(fails("invalid", /no valid package name/));
  expect(scan("Package: -a\n")).to.throwError(fails("invalid", /no valid package name/));
  expect(scan(`Package: a\nX: ${"x".repeat(MAX_STANZA)}\n`)).to.throwError(fails("limit", /the stanza at byte 0 has/));
  expect(() => scan("Package: a\nVersion: \x1b[1m\n")().stanzas("a")).to.throwError(fails("invalid", /stanza of a .* control character/));
});

it("an invalid Provides field affects only its own package", () => {
  const index = PackageIndex.scan(Buffer.from("Package: a\nProvides: b c\n\nPackage: d\nProvides: b\n"), "Packages of x");
  expect([...index.names()]).to.deep.equal(["a", "d"]);
  expect(index.providers("b")).to.deep.equal(["Package: d\nProvides: b\n"]);
});

it("where a name is mentioned first grows along the file, by apt's order of fields within a stanza", () => {
  const stanzas = [
    "Package: a\nDescription: not late\nSuggests: f\nDepends: d:any | c (>= 1), b:amd64\nPre-Depends: e\n",
    "Package: b\nProvides: d (= 1),late\nEnhances:\n g,\n h\n",
    "Package: late\nFilename: pool/never\n",
    "Package: xlate\nDepends: latest, my-late\n",
  ];
  const index = PackageIndex.scan(Buffer.from(stanzas.join("\n")), "Packages of x");
  const names = ["a", "e", "c", "f", "b", "g", "h", "d", "late", "xlate"];
  const places = names.map((name) => index.mention(name) ?? expect.fail(`${name} is mentioned`));
  expect(places).to.deep.equal([...places].sort((one, other) => one - other));
  expect(index.mention("never")).to.equal(undefined);
});

it("a file beyond 2 GiB is rejected before it is read", () => {
  const file = join(directory, "huge");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 31);
  expect(() => new StanzaFile(file, "Packages of x")).to.throwError(fails("limit", /Packages of x has 2147483648 bytes/));
});
