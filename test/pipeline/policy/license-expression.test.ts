import fc from "fast-check";
import { it } from "mocha";
import { findDenied, MAX_PARENTHESES } from "../../../provider/pipeline/policy/license-expression.js";
import { policy } from "../../../provider/pipeline/spec/policy.js";
import { expect, expectThat } from "../../support/expectations.js";

const denied = (expression: string, ...licenses: readonly string[]): string | undefined => {
  const { deniedLicenses } = policy.parse({ deniedLicenses: licenses });
  expectThat(deniedLicenses !== undefined);
  return findDenied(expression, (license) => deniedLicenses.some(({ matches }) => matches(license)));
};

const table: readonly (readonly [expression: string, licenses: readonly string[], found: string | undefined])[] = [
  ["MIT", ["MIT"], "MIT"],
  ["mit", ["MIT"], "mit"],
  ["MIT", ["MIT-0"], undefined],
  ["GPL-2.0-or-later AND LGPL-2.1-or-later", ["LGPL-2.1-or-later"], "LGPL-2.1-or-later"],
  ["GPL-2.0-only OR MIT", ["GPL-2.0-only"], undefined],
  ["GPL-2.0-only OR MIT", ["GPL-2.0-only", "MIT"], "GPL-2.0-only"],
  ["GPL-2.0-only OR (MIT AND AGPL-3.0-only)", ["AGPL-*", "GPL-*"], "GPL-2.0-only"],
  ["(GPL-2.0-only OR MIT) AND AGPL-3.0-only", ["AGPL-*"], "AGPL-3.0-only"],
  ["MIT AND GPL-2.0-only OR BSD-3-Clause", ["GPL-2.0-only"], undefined],
  ["GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only"], "GPL-2.0-only"],
  ["MIT WITH GPL-2.0-only", ["GPL-2.0-only"], undefined],
  // Deprecated identifiers, in the list as in the package.
  ["GPL-2.0", ["GPL-2.0-only"], "GPL-2.0"],
  ["GPL-2.0+", ["GPL-2.0-or-later"], "GPL-2.0+"],
  ["GPL-2.0-or-later", ["GPL-2.0+"], "GPL-2.0-or-later"],
  ["GPL-2.0-or-later", ["GPL-2.0"], undefined],
  ["Apache-2.0+", ["Apache-2.0"], "Apache-2.0+"],
  // Of older packages: no operator, commas, slashes.
  ["MIT GPL-2.0", ["GPL-2.0"], "GPL-2.0"],
  ["BSD-2-Clause, AGPL-3.0-only", ["AGPL-*"], "AGPL-3.0-only"],
  ["MIT/AGPL-3.0-only", ["AGPL-*"], "AGPL-3.0-only"],
  // What cannot be read: every licence counts.
  ["MIT OR AGPL-3.0-only) AND X", ["AGPL-*"], "AGPL-3.0-only"],
  [`${"(".repeat(MAX_PARENTHESES)}MIT OR AGPL-3.0-only${")".repeat(MAX_PARENTHESES)}`, ["AGPL-*"], undefined],
  [`${"(".repeat(MAX_PARENTHESES + 1)}MIT OR AGPL-3.0-only${")".repeat(MAX_PARENTHESES + 1)}`, ["AGPL-*"], "AGPL-3.0-only"],
  ["", ["*"], undefined],
  ["custom:multiple", ["custom*"], "custom:multiple"],
];
for (const [expression, licenses, found] of table) {
  it(`${expression.slice(0, 60) || "nothing"} ${found === undefined ? "is not denied" : "is denied"} by ${licenses.join()}`, () => {
    expect(denied(expression, ...licenses)).to.equal(found);
  });
}

it("any text ends, and what is found is a denied part of it", () => {
  const part = fc.constantFrom("MIT", "AGPL-3.0-only", "(", ")", "AND", "OR", "WITH", ",", "/", " ");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const found = denied(parts.join(" "), "AGPL-*");
      expect([undefined, "AGPL-3.0-only"]).to.include(found);
    }),
  );
});
