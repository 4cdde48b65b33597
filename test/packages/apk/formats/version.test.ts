import fc from "fast-check";
import { it } from "mocha";
import { compareApkVersions, isApkVersion } from "../../../../provider/packages/apk/formats/version.js";
import { expect } from "../../../support/expectations.js";

/** As `apk version -t` of apk-tools 2.14.4 answers. */
const table = [
  ["1.0", "<", "1.0.0"],
  ["1.01", "<", "1.1"],
  ["1.001", "<", "1.01"],
  ["1.00", "<", "1.0"],
  ["1.0.00", "<", "1.0.0"],
  ["1.0010", ">", "1.001"],
  ["1.10", ">", "1.9"],
  ["1.0_alpha", "<", "1.0_beta"],
  ["1.0_beta", "<", "1.0_pre"],
  ["1.0_pre", "<", "1.0_rc"],
  ["1.0_rc9", "<", "1.0"],
  ["1.0", "<", "1.0_cvs"],
  ["1.0_cvs", "<", "1.0_svn"],
  ["1.0_svn", "<", "1.0_git"],
  ["1.0_git20240101", "<", "1.0_hg"],
  ["1.0_hg", "<", "1.0_p"],
  ["1.0_p1", "<", "1.0_p2"],
  ["1.0a", "<", "1.0b"],
  ["1.0", "<", "1.0a"],
  ["1.0", "<", "1.0-r0"],
  ["1.0-r1", "<", "1.0-r2"],
  ["1.0-r9", "<", "1.0-r10"],
  ["1.0-r", "=", "1.0-r0"],
  ["0.", "<", "0.0"],
  ["0..1", ">", "0.0.1"],
  [".a", "<", ".0"],
  ["9007199254740992", "<", "9007199254740993"],
  ["0000000000000005", "=", "5"],
] as const;

for (const [a, order, b] of table)
  it(`${a} ${order} ${b}`, () => {
    const sign = order === "<" ? -1 : order === ">" ? 1 : 0;
    expect(Math.sign(compareApkVersions(a, b))).to.equal(sign);
    expect(Math.sign(compareApkVersions(b, a))).to.equal(sign === 0 ? 0 : -sign);
  });

it("a version is valid where apk accepts it", () => {
  for (const good of ["1", "1.2.3a_rc1_p2-r4", "20240101", "1..2", "1a1", "1.0-r", "1.0-r1-r2", "1.", "", "12345678901234567"])
    expect(isApkVersion(good), good).to.equal(true);
  for (const bad of ["abc", "1.0_foo", "1.0bb", "1.0-r1_p", "1.0~", "1.0_prex", "1.0_p1a", "1:2", "1.0-1", "123456789012345678", "1.0 "])
    expect(isApkVersion(bad), bad).to.equal(false);
});

it("a fuzzy comparison is equal for every version that begins with the other in whole parts, and the other way round", () => {
  for (const version of ["1.2", "1.2.3", "1.2_p1", "1.2-r5", "1.2a", "1", "1_rc1"])
    expect(compareApkVersions(version, "1.2", true), version).to.equal(0);
  for (const version of ["1.20", "1.3", "1.1", "2.2"]) expect(compareApkVersions(version, "1.2", true), version).to.not.equal(0);
});

it("the order of any two texts is antisymmetric", () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from("0129._-rab")), maxLength: 10 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareApkVersions(a, b)) + Math.sign(compareApkVersions(b, a))).to.equal(0);
      expect(compareApkVersions(a, a)).to.equal(0);
    }),
  );
});
