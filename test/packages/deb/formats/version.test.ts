import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { DhiError } from "../../../../provider/errors.js";
import { compareDebianVersions, parseVersion } from "../../../../provider/packages/deb/formats/version.js";

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

test("versions are ordered as deb-version(7) says", () => {
  for (const [i, a] of ascending.entries())
    for (const [j, b] of ascending.entries()) assert.equal(Math.sign(compareDebianVersions(a, b)), Math.sign(i - j), `${a} and ${b}`);
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

test("versions that are written differently may be the same", () => {
  for (const [a, b] of equal) assert.equal(compareDebianVersions(a, b), 0, `${a} and ${b}`);
});

test("the order is total", () => {
  const version = fc.string({ unit: fc.constantFrom(...Array.from("019aZ.+~-:")), maxLength: 12 });
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareDebianVersions(a, b)) + Math.sign(compareDebianVersions(b, a)), 0);
      const [low, middle, high] = [a, b, c].sort(compareDebianVersions) as [string, string, string];
      assert.ok(
        compareDebianVersions(low, middle) <= 0 && compareDebianVersions(middle, high) <= 0 && compareDebianVersions(low, high) <= 0,
      );
    }),
  );
});

test("a version is read in its parts", () => {
  assert.deepEqual(parseVersion("1:2.39.5-0+deb12u3"), { epoch: 1, upstream: "2.39.5", revision: "0+deb12u3" });
  assert.deepEqual(parseVersion("1.0-rc-1~"), { epoch: 0, upstream: "1.0-rc", revision: "1~" });
  assert.deepEqual(parseVersion("20250419"), { epoch: 0, upstream: "20250419", revision: "" });
  assert.deepEqual(parseVersion("0:1:2-3"), { epoch: 0, upstream: "1:2", revision: "3" });
});

test("an invalid version is rejected", () => {
  for (const text of ["", "a1", "1 0", "1.0-", "x:1", ":1", "-1:1", "1.0_2", "1-2:3", "9999999999:1", "1\n", "1.0é", "~1"])
    assert.throws(
      () => parseVersion(text),
      (thrown) => thrown instanceof DhiError && thrown.code === "invalid" && thrown.message.includes(JSON.stringify(text)),
      JSON.stringify(text),
    );
});
