import { expect } from "chai";
import { describe, it } from "mocha";
import { findMirror } from "../../scripts/debian-programs.mjs";

describe("programs of Debian", () => {
  const targets = "http://security.test/debian-security/|bookworm-security\nhttp://a.test/debian/|bookworm\nhttp://b.test/|bookworm\n";

  it("come from the mirror of the machine's own release", () => {
    expect(findMirror(targets, { id: "debian", codename: "bookworm" })).to.equal("http://a.test/debian/");
  });

  it("are not had where apt knows no archive of Debian", () => {
    expect(findMirror(targets, { id: "debian", codename: "trixie" })).to.equal(undefined);
    expect(findMirror(targets, { id: "ubuntu", codename: "bookworm" })).to.equal(undefined);
    expect(findMirror("", { id: "debian", codename: "bookworm" })).to.equal(undefined);
  });
});
