import { describe, it } from "mocha";
import { MAXIMUM_AGE, minimumAge, readMinimumAge } from "../../../provider/pipeline/spec/minimum-age.js";
import { object } from "../../../provider/pipeline/spec/schema.js";
import { describeFailure, parseInputs } from "../../../provider/resources/parse.js";
import { unknown, type Value } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

const hour = 3_600_000;

describe("minimumAge", () => {
  const accepted: readonly (readonly [Value, object])[] = [
    ["72h", { images: 72 * hour }],
    ["7d", { images: 168 * hour }],
    ["1d12h", { images: 36 * hour }],
    ["90s", { images: 90_000 }],
    ["3650d", { images: MAXIMUM_AGE }],
    [{ images: "30m" }, { images: hour / 2 }],
    [
      { packages: "3d", security: "1h" },
      { packages: 72 * hour, security: hour },
    ],
    [{}, {}],
  ];
  for (const [value, age] of accepted) {
    it(`reads ${JSON.stringify(value)}`, () => {
      expect(minimumAge.safeParse(value).data).to.deep.equal(age);
      expect(readMinimumAge(value)).to.deep.equal(age);
    });
  }

  const refused: readonly (readonly [Value, string])[] = [
    ["3650d1s", 'minimumAge: "3650d1s" is longer than ten years. Pin it by digest or version, or give a shorter one'],
    ["0h", 'minimumAge: "0h" has no effect. Remove it'],
    ["72", 'minimumAge: "72" is not a duration. Write one such as 72h, 7d or 1d12h'],
    ["", 'minimumAge: "" is not a duration. Write one such as 72h, 7d or 1d12h'],
    ["-1d", 'minimumAge: "-1d" is not a duration. Write one such as 72h, 7d or 1d12h'],
    ["3 days", 'minimumAge: "3 days" is not a duration. Write one such as 72h, 7d or 1d12h'],
    [{ images: "1w" }, 'minimumAge.images: "1w" is not a duration. Write one such as 72h, 7d or 1d12h'],
    [{ images: 72 }, "minimumAge.images: 72 is not a string. Give a duration such as 72h or 7d"],
    [{ bases: "1d" }, 'minimumAge: has no property "bases". It has images, packages, security'],
    [7, "minimumAge: is not a minimum age. Give a duration such as 72h, or { images, packages, security }"],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      const { failures } = parseInputs(object({ minimumAge }), { minimumAge: value });
      expect(failures.map(describeFailure)).to.deep.equal([message]);
      expect(readMinimumAge(value)).to.deep.equal({});
    });
  }

  it("is nothing while it is not known, and that is not a mistake", () => {
    for (const value of [unknown, { images: unknown }] as const)
      expect(parseInputs(object({ minimumAge }), { minimumAge: value }).failures).to.deep.equal([]);
    expect(readMinimumAge(undefined)).to.deep.equal({});
  });
});
