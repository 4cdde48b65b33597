import { describe, it } from "mocha";
import { uuidOf, wholeSeconds } from "../../../provider/attestation/sbom/described-image.js";
import { expect } from "../../support/expectations.js";

describe("what an SBOM takes from the image itself", () => {
  for (const [created, expected] of [
    ["2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"],
    ["2024-05-06T07:08:09.987654321+02:00", "2024-05-06T05:08:09Z"],
    ["yesterday", "1970-01-01T00:00:00Z"],
    [undefined, "1970-01-01T00:00:00Z"],
  ] as const) {
    it(`the time ${String(created)} is ${expected}`, () => {
      expect(wholeSeconds(created)).to.equal(expected);
    });
  }

  it("the serial number is a UUID of version 8", () => {
    expect(uuidOf(`sha256:${"0123456789abcdef".repeat(4)}`)).to.equal("01234567-89ab-8def-8123-456789abcdef");
  });
});
