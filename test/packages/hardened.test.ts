import { describe, it } from "mocha";
import { isHardened } from "../../provider/packages/hardened.js";
import { expect } from "../support/expectations.js";

describe("a package", () => {
  for (const [version, url, expected] of [
    ["1.0.8-6+dhi2", undefined, true],
    ["1.0.8-6+dhi2+b1", "https://archive.example/x.deb", true],
    ["3.13.15-r1", "https://dhi.io/apk/alpine/v3.23/main/x86_64/python-3.13-3.13.15-r1.apk", true],
    ["1.0-1", "https://dhi.io.example.com/x.deb", false],
    ["1.0-1+dhix", undefined, false],
    ["1.0-1", "not a url", false],
  ] as const) {
    it(`${version} of ${url ?? "a base"} is ${expected ? "" : "not "}hardened`, () => {
      expect(isHardened({ version, url })).to.equal(expected);
    });
  }
});
