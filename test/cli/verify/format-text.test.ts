import { describe, it } from "mocha";
import { formatText } from "../../../cli/verify/format-text.js";
import { expect } from "../../support/expectations.js";

describe("what verify prints", () => {
  const ref = "oci:base@sha256:1";

  it("is one line for an image that is signed", () => {
    expect(formatText({ ref, outcome: { signer: "dhi" } })).to.equal(`${ref} is signed by dhi\n`);
  });

  it("is what is wanted, and a line for everything that was found, without what a terminal would interpret", () => {
    const found = ["x.sig: its payload is about\nsomething \u001b[31melse", "the referrer: it is not JSON"];
    expect(formatText({ ref, outcome: { wants: "a signature by dhi", found } }).split("\n")).to.deep.equal([
      `${ref} is not signed as wanted, a signature by dhi`,
      "  x.sig: its payload is about something \\x1b[31melse",
      "  the referrer: it is not JSON",
      "",
    ]);
  });
});
