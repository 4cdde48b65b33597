import fc from "fast-check";
import { it } from "mocha";
import { compareDebianVersions } from "../../../../provider/packages/deb/formats/version.js";
import { expect } from "../../../support/expectations.js";

/** Ascending; each is below the next. */
const ascending = [
  "~~",
  "~~a",
  "~",
  "",
  "0.9~rc1",
  "0.9",
  "0.9-1",
  "0.9.1",
  "0.10~~",
  "0.10",
  "1.0~beta1~svn1245-1",
  "1.0~beta1-1",
  "1.0-1~bpo12+1",
  "1.0-1",
  "1.0-1+b1",
  "1.0-1+b2",
  "1.0-1+deb12u1",
  "1.0-1.1",
  "1.0-2",
  "1.0a",
  "1.0+",
  "1.0.1",
  "5.2.15-2",
  "5.2.15-2+b13",
  "99999999999999999999",
  "100000000000000000000",
  "a",
  "1:0.1",
  "2:0",
  "10:0",
] as const;

it("versions are ordered as deb-version(7) says", () => {
  for (const [i, a] of ascending.entries())
    for (const [j, b] of ascending.entries()) expect(Math.sign(compareDebianVersions(a, b)), `${a} and ${b}`).to.equal(Math.sign(i - j));
});

const equal = [
  ["1.0", "1.0-0"],
  ["0:1.0", "1.0"],
  ["00:1.0", "1.0"],
  ["1.00", "1.0"],
  ["1.01", "1.1"],
  ["1.0-0001", "1.0-1"],
  ["1-0", "1-00"],
  ["a0", "a"],
] as const;

it("versions that are written differently may be the same", () => {
  for (const [a, b] of equal) expect(compareDebianVersions(a, b), `${a} and ${b}`).to.equal(0);
});

it("the order is total", () => {
  const version = fc.string({ unit: fc.constantFrom(...Array.from("019aZ.+~-:")), maxLength: 12 });
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareDebianVersions(a, b)) + Math.sign(compareDebianVersions(b, a))).to.equal(0);
      const [low, middle, high] = [a, b, c].sort(compareDebianVersions) as [string, string, string];
      expect(compareDebianVersions(low, middle)).to.be.at.most(0);
      expect(compareDebianVersions(middle, high)).to.be.at.most(0);
      expect(compareDebianVersions(low, high)).to.be.at.most(0);
    }),
  );
});
