import fc from "fast-check";
import { it } from "mocha";
import { NameTable } from "../../../../provider/packages/deb/archive/name-table.js";
import { NumberLists } from "../../../../provider/packages/deb/archive/number-lists.js";
import { PackageScanner, scanPackages } from "../../../../provider/packages/deb/archive/package-scan.js";
import { PackageTable } from "../../../../provider/packages/deb/archive/package-table.js";
import { expect } from "../../../support/expectations.js";

const anyName = fc.string({ unit: fc.constantFrom("a", "b", "-", "+", "1", "\xe9"), minLength: 1, maxLength: 6 });

it("a name table answers as a map does", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyName, fc.nat(2 ** 32 - 1)), { maxLength: 60 }),
      fc.array(anyName, { maxLength: 20 }),
      (pairs, others) => {
        const lists = new NumberLists();
        const map = new Map<string, number[]>();
        for (const [name, number] of pairs) {
          lists.add(name, number);
          map.set(name, [...(map.get(name) ?? []), number]);
        }
        const table = new NameTable(NameTable.encode(lists));
        expect([...table.names()]).to.deep.equal([...map.keys()].sort());
        for (const name of [...map.keys(), ...others]) {
          expect(table.numbers(name)).to.deep.equal(map.get(name) ?? []);
          expect(table.has(name)).to.equal(map.has(name));
        }
      },
    ),
  );
  const lists = new NumberLists();
  lists.add("a", 1);
  // One byte of it is the letter a.
  expect(new NameTable(NameTable.encode(lists)).has("\u0161")).to.equal(false);
});

it("the table is the same however the file is cut into pieces", () => {
  const stanza = fc
    .tuple(
      anyName.filter((name) => /^[a1]/.test(name) && !name.includes("\xe9")),
      fc.array(fc.constantFrom("virtual", "other", "a"), { maxLength: 2 }),
      fc.nat(3),
    )
    .map(([name, provides, newlines]) => {
      const lines = provides.length === 0 ? "" : `Provides: ${provides.join(",\n ")}\n`;
      return `Package: ${name}\n${lines}Version: 1\n\n${"\n".repeat(newlines)}`;
    });
  fc.assert(
    fc.property(fc.array(stanza, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), (stanzas, step, isCut) => {
      const text = stanzas.join("");
      const bytes = Buffer.from(isCut ? text.trimEnd() : `\n${text}`, "latin1");
      const scanner = new PackageScanner("Packages");
      for (let at = 0; at < bytes.length; at += step) {
        const piece = Buffer.from(bytes.subarray(at, at + step));
        scanner.add(piece);
        // A reader may use its buffers again.
        piece.fill(0);
      }
      expect(PackageTable.encode(scanner.finish())).to.deep.equal(PackageTable.encode(scanPackages(bytes, "Packages")));
    }),
  );
});
