import { describe, it } from "mocha";
import { isLicenseExpression } from "../../../provider/attestation/sbom/license.js";
import { expect } from "../../support/expectations.js";

describe("a licence that a package states", () => {
  for (const text of [
    "MIT",
    "GPL-2.0-only",
    "GPL-2.0+",
    "MIT AND BSD-3-Clause",
    "(MIT OR Apache-2.0) AND Zlib",
    "((MIT))",
    "GPL-3.0-or-later WITH Classpath-exception-2.0",
  ])
    it(`is an expression of SPDX: ${text}`, () => expect(isLicenseExpression(text)).to.equal(true));

  for (const text of [
    "",
    "custom",
    "GPL-2.0-only MIT",
    "MIT AND",
    "AND MIT",
    "(MIT",
    "MIT)",
    "MIT () Zlib",
    "MIT and Zlib",
    "MIT AND Public-Domain",
    "MIT (Zlib)",
  ])
    it(`is a text of its own: ${JSON.stringify(text)}`, () => expect(isLicenseExpression(text)).to.equal(false));
});
