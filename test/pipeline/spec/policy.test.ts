import { describe, it } from "mocha";
import { policy } from "../../../provider/pipeline/spec/policy.js";
import { object } from "../../../provider/pipeline/spec/schema.js";
import { describeFailure, parseInputs } from "../../../provider/resources/parse.js";
import { unknown, type Value } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

const failures = (value: Value): readonly string[] => parseInputs(object({ policy }), { policy: value }).failures.map(describeFailure);

describe("policy", () => {
  it("takes every rule", () => {
    const rules = {
      ...{ forbidRoot: true, forbidShell: true, forbidPackageManager: false, forbidSetuid: true, forbidSecrets: true },
      ...{ requireSignedInputs: true, forbidEndOfLife: true, deniedPackages: ["telnet", "lib*-dev"], deniedLicenses: ["AGPL-*"] },
      ...{ maximumGrowthBytes: 0, noticesAsErrors: ["shell-added", "label-dropped"] },
    };
    expect(failures(rules)).to.deep.equal([]);
    expect(failures({})).to.deep.equal([]);
    expect(failures({ forbidRoot: unknown, deniedPackages: [unknown] })).to.deep.equal([]);
  });

  const refused: readonly (readonly [value: Value, message: RegExp])[] = [
    [true, /^policy: is not an object\. Give an object with forbidRoot, /],
    [{ forbidRot: true }, /^policy: has no property "forbidRot"\. It has forbidRoot, /],
    [{ forbidRoot: "yes" }, /^policy\.forbidRoot: "yes" is not true or false$/],
    [{ deniedPackages: "telnet" }, /^policy\.deniedPackages: is not a list\. Give a list of names or globs of packages$/],
    [{ deniedPackages: [""] }, /^policy\.deniedPackages\[0\]: "" is not the name of a package, or a glob such as telnet\*$/],
    [{ deniedPackages: ["a b"] }, /^policy\.deniedPackages\[0\]: "a b" is not the name of a package/],
    [{ deniedPackages: ["[a"] }, /^policy\.deniedPackages\[0\]: "\[a" has an unclosed bracket\. Close it/],
    [
      { deniedLicenses: ["MIT OR X"] },
      /^policy\.deniedLicenses\[0\]: "MIT OR X" is not an SPDX licence identifier, or a glob such as AGPL-\*$/,
    ],
    [{ maximumGrowthBytes: "1MB" }, /^policy\.maximumGrowthBytes: is not a number\. Give the bytes that the added layers may have$/],
    [{ maximumGrowthBytes: -1 }, /^policy\.maximumGrowthBytes: -1 is not a number of bytes\. Give a whole number, 0 or more$/],
    [{ maximumGrowthBytes: 1.5 }, /^policy\.maximumGrowthBytes: 1\.5 is not a number of bytes/],
    [
      { noticesAsErrors: ["shel-added"] },
      /^policy\.noticesAsErrors\[0\]: "shel-added" is not a kind of notice\. The kinds are architecture, base-archive, /,
    ],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      const [failure, ...others] = failures(value);
      expect(failure ?? "").to.match(message);
      expect(others).to.deep.equal([]);
    });
  }
});
