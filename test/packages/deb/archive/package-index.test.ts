import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DhiError } from "../../../../provider/errors.js";
import { PackageIndex } from "../../../../provider/packages/deb/archive/package-index.js";
import { bytesSource, StanzaFile } from "../../../../provider/packages/deb/archive/stanza-file.js";
import { MAX_STANZA } from "../../../../provider/packages/deb/archive/package-scan.js";

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
  assert.deepEqual([...index.names()], ["bash", "gawk", "mawk", "odd"]);
  assert.deepEqual(index.stanzas("bash"), [stanzas.bash, stanzas.newer]);
  assert.deepEqual(index.stanzas("odd"), [stanzas.odd]);
  assert.deepEqual(index.providers("awk"), [stanzas.mawk, stanzas.gawk]);
  assert.deepEqual(index.providers("sh"), [stanzas.newer]);
  assert.deepEqual([...index.provided()], ["awk", "awk-any", "new-awk", "sh"]);
  assert.deepEqual(index.stanzas("awk"), []);
  assert.deepEqual(index.providers("bash"), []);
  assert.equal(index.has("mawk"), true);
  assert.equal(index.has("awk"), false);
}

test("stanzas are found by name and by what they provide", () => {
  check(PackageIndex.scan(bytes, "Packages"));
  assert.deepEqual([...PackageIndex.scan(Buffer.from("\n\n"), "Packages").names()], []);
  const open = PackageIndex.scan(Buffer.from("Package: a\nVersion: 1"), "Packages");
  assert.deepEqual(open.stanzas("a"), ["Package: a\nVersion: 1\n"]);
});

const fails =
  (code: string, message: RegExp) =>
  (thrown: unknown): boolean =>
    thrown instanceof DhiError && thrown.code === code && message.test(thrown.message);

test("the table is kept, and stanzas are read from the file", () => {
  const table = PackageIndex.scan(bytes, "Packages").encode();
  const file = join(directory, "Packages");
  writeFileSync(file, bytes);
  const source = new StanzaFile(file, "Packages");
  check(PackageIndex.decode(table, source, "Packages"));
  truncateSync(file, 207);
  assert.throws(() => PackageIndex.decode(table, source, "Packages").stanzas("odd"), fails("mismatch", /truncated after 207 bytes/));
  source.close();
});

test("a table that does not match is rejected", () => {
  const table = PackageIndex.scan(bytes, "Packages").encode();
  const decode =
    (kept: Buffer, of = bytes) =>
    (): PackageIndex =>
      PackageIndex.decode(kept, bytesSource(of), "Packages");
  assert.throws(decode(table.subarray(0, -1)), fails("invalid", /damaged/));
  assert.throws(decode(Buffer.from("nonsense")), fails("invalid", /damaged/));
  assert.throws(decode(Buffer.from(table).fill(Buffer.from([1, 2, 3]), 60, 63)), fails("invalid", /damaged/));
  assert.throws(decode(table, bytes.subarray(1)), fails("invalid", /another Packages file/));
});

test("an invalid package index is rejected", () => {
  const scan = (text: string) => (): PackageIndex => PackageIndex.scan(Buffer.from(text, "latin1"), "Packages of x");
  assert.throws(scan("Version: 1\n"), fails("invalid", /^Packages of x: the stanza at byte 0 has no valid package name/));
  assert.throws(scan("Package: a\n\nPackage: ../b\n"), fails("invalid", /the stanza at byte 12 has no valid package name/));
  assert.throws(scan("Package: a\x1b\n"), fails("invalid", /no valid package name/));
  assert.throws(scan("Package: -a\n"), fails("invalid", /no valid package name/));
  assert.throws(scan(`Package: a\nX: ${"x".repeat(MAX_STANZA)}\n`), fails("limit", /the stanza at byte 0 has/));
  assert.throws(() => scan("Package: a\nVersion: \x1b[1m\n")().stanzas("a"), fails("invalid", /stanza of a .* control character/));
});

test("an invalid Provides field affects only its own package", () => {
  const index = PackageIndex.scan(Buffer.from("Package: a\nProvides: b c\n\nPackage: d\nProvides: b\n"), "Packages of x");
  assert.deepEqual([...index.names()], ["a", "d"]);
  assert.deepEqual(index.providers("b"), ["Package: d\nProvides: b\n"]);
});

test("where a name is mentioned first grows along the file, by apt's order of fields within a stanza", () => {
  const stanzas = [
    "Package: a\nDescription: not late\nSuggests: f\nDepends: d:any | c (>= 1), b:amd64\nPre-Depends: e\n",
    "Package: b\nProvides: d (= 1),late\nEnhances:\n g,\n h\n",
    "Package: late\nFilename: pool/never\n",
    "Package: xlate\nDepends: latest, my-late\n",
  ];
  const index = PackageIndex.scan(Buffer.from(stanzas.join("\n")), "Packages of x");
  const names = ["a", "e", "c", "f", "b", "g", "h", "d", "late", "xlate"];
  const places = names.map((name) => index.mention(name) ?? assert.fail(`${name} is mentioned`));
  assert.deepEqual(
    places,
    [...places].sort((one, other) => one - other),
  );
  assert.equal(index.mention("never"), undefined);
});

test("a file beyond 2 GiB is rejected before it is read", () => {
  const file = join(directory, "huge");
  writeFileSync(file, "");
  truncateSync(file, 2 ** 31);
  assert.throws(() => new StanzaFile(file, "Packages of x"), fails("limit", /Packages of x has 2147483648 bytes/));
});
