import fc from "fast-check";
import { describe, it } from "mocha";
import { formatInstalled, headField, parseInstalled } from "../../../../provider/packages/apk/install/installed-database.js";
import { installedHead } from "../../../../provider/packages/apk/install/installed-head.js";
import { InstalledState } from "../../../../provider/packages/apk/install/installed-state.js";
import { expect } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";
import { withoutAlpine } from "./alpine-root.js";
import { architectures, filesOfAlpine } from "./installed-files.js";

const path = "lib/apk/db/installed";

describe("apk's installed database", () => {
  for (const architecture of architectures)
    it(
      `what apk wrote for ${architecture} is written again byte for byte`,
      testUnless(withoutAlpine, () => {
        const text = filesOfAlpine(architecture, [path])[path] ?? "";
        const packages = parseInstalled(text);
        expect(packages.length).to.equal(15);
        expect(formatInstalled(packages)).to.equal(text);
        expect(formatInstalled(packages.map((one) => ({ ...one, text: undefined }))), "from its parts too").to.equal(text);
        expect(new InstalledState([...packages].reverse()).format(), "in the order of names, whatever it was").to.equal(text);
      }),
    );

  it("reads any packages, directories and files as they were written", () => {
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
        expect(read.map(({ text: _, ...one }) => one)).to.deep.equal(packages);
        expect(read.map(({ text }) => text).join("")).to.equal(formatInstalled(packages));
      }),
    );
  });

  for (const [what, text] of [
    ["a file without a directory", "C:Q1\nP:a\nV:1\nF:\nZ:Q1\n\n"],
    ["a mode behind a file", "C:Q1\nP:a\nV:1\nF:a\nR:b\nM:0:0:700\n\n"],
    ["a package without a name", "C:Q1\nV:1\n\n"],
    ["no database at all", "hello\n"],
  ] as const)
    it(`is rejected: ${what}`, () => {
      expect(() => parseInstalled(text)).to.throwError({ code: "invalid", message: /database of apk's installed packages cannot be read/ });
    });
});

describe("the head of a stanza", () => {
  it("is what the index says, in apk's order, and whose files are replaced", () => {
    const stanza = "P:a\nC:Q1x\nV:1\nA:x86_64\nS:2\nI:3\nD:b c\np:cmd:a=1\nt:5\nk:7\nx:unknown\nD:twice\n";
    const pkginfo = "pkgname = a\nreplaces = b\nreplaces = c<2\nreplaces_priority = 9\n";
    const head = installedHead(stanza, pkginfo);
    expect(head).to.equal("C:Q1x\nP:a\nV:1\nA:x86_64\nS:2\nI:3\nT:\nU:\nL:\nt:5\nk:7\nD:b c\np:cmd:a=1\nr:b c<2\nq:9\n");
    // As apk 2.14 writes what comes from `@edge`.
    expect(installedHead(stanza, pkginfo, "edge")).to.equal(`${head}s:edge\n`);
    expect(headField(head, "q")).to.equal("9");
    expect(headField(head, "z")).to.equal(undefined);
  });
});
