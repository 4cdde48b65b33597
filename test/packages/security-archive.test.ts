import { describe, it } from "mocha";
import { isSecurityPart } from "../../provider/packages/security-archive.js";
import { expect } from "../support/expectations.js";

describe("a part of an archive for security updates", () => {
  for (const name of ["bookworm-security", "trixie-security/updates", "security", "https://dhi.io/apk/alpine/v3.22/security"])
    it(`is ${name}`, () => expect(isSecurityPart(name)).to.equal(true));
  for (const name of ["", "main", "bookworm", "bookworm-updates", "security-tools", "insecurity", "https://security.example/main"])
    it(`is not ${name === "" ? "no name" : name}`, () => expect(isSecurityPart(name)).to.equal(false));
});
