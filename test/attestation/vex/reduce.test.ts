import fc from "fast-check";
import { describe, it } from "mocha";
import type { VexPackage } from "../../../provider/attestation/vex/names-package.js";
import { MAX_HELD_CLAIMS, reduceVex } from "../../../provider/attestation/vex/reduce.js";
import { expect } from "../../support/expectations.js";
import { statement, vexOf, type Fields } from "./documents.js";
import { debian } from "./packages.js";

/** `name vulnerability status` of each claim that is left. */
function held(packages: readonly VexPackage[], ...statements: readonly Fields[]): readonly string[] {
  return reduceVex([vexOf(...statements)], packages)
    .map(({ package: { name }, claim }) => `${name} ${claim.vulnerability.name} ${claim.status}`)
    .sort();
}

const curl = "pkg:deb/debian/curl@8.14.1-2";
const later = { timestamp: "2026-06-01T00:00:00Z" };

describe("of what is stated of a base", () => {
  const table: readonly (readonly [string, VexPackage, readonly string[]])[] = [
    ["is kept where the package is unchanged", debian("curl", "8.14.1-2"), ["curl CVE-1 not_affected"]],
    ["goes where the package is upgraded", debian("curl", "8.14.1-2+deb13u1", { origin: "upgraded" }), []],
    ["goes where an added package has that name and version", debian("curl", "8.14.1-2", { origin: "added" }), []],
    ["goes where the package is removed", debian("git", "1:2.47.3-0"), []],
    ["goes where the base is of another version than the document", debian("curl", "8.14.1-1"), []],
  ];
  for (const [what, present, expected] of table)
    it(`a statement ${what}`, () => expect(held([present], statement("CVE-1", [curl]))).to.deep.equal(expected));

  it("the newest statement counts, whatever its place", () => {
    const packages = [debian("curl", "8.14.1-2")];
    const [old, young] = [statement("CVE-1", [curl]), statement("CVE-1", [curl], { ...later, status: "affected" })];
    expect(held(packages, old, young)).to.deep.equal(["curl CVE-1 affected"]);
    expect(held(packages, young, old)).to.deep.equal(["curl CVE-1 affected"]);
  });

  it("of two of the same time the more careful one counts", () => {
    const packages = [debian("curl", "8.14.1-2")];
    const statuses = ["not_affected", "fixed", "under_investigation", "affected"];
    const statements = statuses.map((status) => statement("CVE-1", [curl], { status }));
    for (let count = 1; count <= statuses.length; count += 1) {
      const expected = [`curl CVE-1 ${statuses[count - 1] ?? ""}`];
      expect(held(packages, ...statements.slice(0, count))).to.deep.equal(expected);
      expect(held(packages, ...statements.slice(0, count).reverse())).to.deep.equal(expected);
    }
  });

  it("a newer statement about another version takes nothing away", () => {
    const other = statement("CVE-1", ["pkg:deb/debian/curl@8.15.0-1"], { ...later, status: "affected" });
    expect(held([debian("curl", "8.14.1-2")], statement("CVE-1", [curl]), other)).to.deep.equal(["curl CVE-1 not_affected"]);
  });

  it("nothing is left that no statement names, and nothing about a package that has changed", () => {
    const names = ["a", "b", "c"] as const;
    const versions = ["1", "2", "3"] as const;
    const present = fc.record({
      name: fc.constantFrom(...names),
      version: fc.constantFrom(...versions),
      origin: fc.constantFrom("base", "upgraded", "added"),
    });
    const named = fc.record({ name: fc.constantFrom(...names), version: fc.option(fc.constantFrom(...versions), { nil: undefined }) });
    const stated = fc.record({
      id: fc.constantFrom("CVE-1", "CVE-2"),
      products: fc.array(named, { minLength: 1, maxLength: 4 }),
      day: fc.integer({ min: 10, max: 28 }),
    });
    const property = fc.property(
      fc.uniqueArray(present, { selector: ({ name }) => name }),
      fc.array(stated, { maxLength: 8 }),
      (packages, statements) => {
        const document = vexOf(
          ...statements.map(({ id, products, day }) =>
            statement(
              id,
              products.map(({ name, version }) => `pkg:deb/debian/${name}${version === undefined ? "" : `@${version}`}`),
              { timestamp: `2026-05-${String(day)}T00:00:00Z` },
            ),
          ),
        );
        const all = packages.map(({ name, version, origin }) => debian(name, version, { origin }));
        const left = reduceVex([document], all);
        const keys = left.map(({ package: { name }, claim }) => `${name} ${claim.vulnerability.name}`);
        expect(new Set(keys).size).to.equal(keys.length);
        for (const {
          package: { name, version, origin },
          claim,
        } of left) {
          expect(origin).to.equal("base");
          const why = statements.filter(({ id, day, products }) => {
            const own = products.filter((product) => product.name === name);
            const isMeant =
              own.some((product) => product.version === version) ||
              (own.length > 0 && own.every((product) => product.version === undefined));
            return id === claim.vulnerability.name && isMeant && claim.timestamp === `2026-05-${String(day)}T00:00:00Z`;
          });
          expect(why).to.not.have.length(0);
        }
        // The order of statements does not matter.
        const reversed = { ...document, statements: [...document.statements].reverse() };
        const sorted = (claims: typeof left): readonly string[] => claims.map((claim) => JSON.stringify(claim)).sort();
        expect(sorted(reduceVex([reversed], all))).to.deep.equal(sorted(left));
      },
    );
    fc.assert(property, { seed: Number(process.env["DHI_SEED"] ?? Date.now()), numRuns: 300 });
  });

  it("at most so many claims are left", () => {
    const source = { name: "big", version: "1" };
    const packages = Array.from({ length: 1000 }, (_, at) => debian(`p${String(at)}`, "1", { source }));
    const product = "pkg:deb/debian/big@1?arch=source";
    const statements = Array.from({ length: MAX_HELD_CLAIMS / packages.length }, (_, at) => statement(`CVE-${String(at)}`, [product]));
    expect(reduceVex([vexOf(...statements)], packages)).to.have.length(MAX_HELD_CLAIMS);
    expect(() => reduceVex([vexOf(...statements, statement("CVE-x", [product]))], packages)).to.throwError({
      code: "limit",
      message: "the VEX of the base makes more than 100,000 claims about its packages",
    });
  });
});
