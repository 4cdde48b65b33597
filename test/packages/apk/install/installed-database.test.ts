import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatInstalled, headField, parseInstalled } from "../../../../provider/packages/apk/install/installed-database.js";
import { installedHead } from "../../../../provider/packages/apk/install/installed-head.js";
import { InstalledState } from "../../../../provider/packages/apk/install/installed-state.js";
import { withoutAlpine } from "./alpine-root.js";
import { architectures, filesOfAlpine } from "./installed-files.js";

const path = "lib/apk/db/installed";

describe("apk's installed database", () => {
  for (const architecture of architectures)
    test(`what apk wrote for ${architecture} is written again byte for byte`, { skip: withoutAlpine }, () => {
      const text = filesOfAlpine(architecture, [path])[path] ?? "";
      const packages = parseInstalled(text);
      assert.equal(packages.length, 15);
      assert.equal(formatInstalled(packages), text);
      assert.equal(formatInstalled(packages.map((one) => ({ ...one, text: undefined }))), text, "from its parts too");
      assert.equal(new InstalledState([...packages].reverse()).format(), text, "in the order of names, whatever it was");
    });

  test("reads any packages, directories and files as they were written", () => {
    const plain = { noNullPrototype: true };
    const word = fc.stringMatching(/^[a-z0-9][a-zA-Z0-9._+é -]{0,12}$/);
    const attributes = fc.option(fc.constantFrom("0:0:755", "0:42:640", "100:101:2755:Q1nvX3keRgpj6s1AX3OBxbTFjJTh4="), { nil: undefined });
    const file = fc.record({ name: word, attributes, checksum: fc.option(fc.constant("Q1xheXJ0"), { nil: undefined }) }, plain);
    const directory = fc.record({ path: fc.oneof(word, fc.constant("")), attributes, files: fc.array(file, { maxLength: 3 }) }, plain);
    const one = fc
      .record({ name: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), directories: fc.array(directory, { maxLength: 3 }) }, plain)
      .map(({ name, directories }) => ({ name, version: "1-r0", checksum: "Q1a", head: `C:Q1a\nP:${name}\nV:1-r0\nT:\n`, directories }));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 4 }), (packages) => {
        const read = parseInstalled(formatInstalled(packages));
        assert.deepEqual(
          read.map(({ text: _, ...one }) => one),
          packages,
        );
        assert.equal(read.map(({ text }) => text).join(""), formatInstalled(packages));
      }),
    );
  });

  for (const [what, text] of [
    ["a file without a directory", "C:Q1\nP:a\nV:1\nF:\nZ:Q1\n\n"],
    ["a mode behind a file", "C:Q1\nP:a\nV:1\nF:a\nR:b\nM:0:0:700\n\n"],
    ["a package without a name", "C:Q1\nV:1\n\n"],
    ["no database at all", "hello\n"],
  ] as const)
    test(`is rejected: ${what}`, () => {
      assert.throws(() => parseInstalled(text), { code: "invalid", message: /database of apk's installed packages cannot be read/ });
    });
});

describe("the head of a stanza", () => {
  test("is what the index says, in apk's order, and whose files are replaced", () => {
    const stanza = "P:a\nC:Q1x\nV:1\nA:x86_64\nS:2\nI:3\nD:b c\np:cmd:a=1\nt:5\nk:7\nx:unknown\nD:twice\n";
    const pkginfo = "pkgname = a\nreplaces = b\nreplaces = c<2\nreplaces_priority = 9\n";
    const head = installedHead(stanza, pkginfo);
    assert.equal(head, "C:Q1x\nP:a\nV:1\nA:x86_64\nS:2\nI:3\nT:\nU:\nL:\nt:5\nk:7\nD:b c\np:cmd:a=1\nr:b c<2\nq:9\n");
    // As apk 2.14 writes what comes from `@edge`.
    assert.equal(installedHead(stanza, pkginfo, "edge"), `${head}s:edge\n`);
    assert.equal(headField(head, "q"), "9");
    assert.equal(headField(head, "z"), undefined);
  });
});
