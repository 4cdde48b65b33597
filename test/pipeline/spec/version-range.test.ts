import fc from "fast-check";
import { describe, it } from "mocha";
import {
  exampleTag,
  formatRange,
  isInRange,
  MAXIMUM_RANGE_LENGTH,
  MAXIMUM_VARIANT_LENGTH,
  nearbyTags,
  newestTag,
  sameVariant,
  versionRange,
  type VersionRange,
} from "../../../provider/pipeline/spec/version-range.js";
import { expect } from "../../support/expectations.js";

const tags = [
  ..."1 3 3.12 3.12.9 3.13 3.13.0 3.13.1 3.13.2 3.13.10 3.14.0-rc1 4.0".split(" "),
  ..."3.13-dev 3.13.2-dev 3.13.3-dev 3.13.4-fips 3.13.4-fips-dev 3.13.9_custom 3.13.2-dev_custom".split(" "),
  ..."v3.13.11 03.13.12 3.013.12 3.13.12.1 3.13.x 3.13. -3.13.12 latest dev bookworm sha256-abc.sig 3.13.99999999999999999999".split(" "),
];

const choices: readonly (readonly [string, string | undefined, string | undefined])[] = [
  ["^3.13", undefined, "3.13.10"],
  ["~3.13.1", undefined, "3.13.10"],
  ["3.13.2", undefined, "3.13.2"],
  ["<3.13.10", undefined, "3.13.2"],
  [">=3.12 <3.13", undefined, "3.12.9"],
  // The same version with more numbers.
  ["3.13.0", undefined, "3.13.0"],
  ["=3.12.0", undefined, "3.12"],
  ["3.0.x", undefined, "3"],
  ["*", undefined, "4.0"],
  ["^1 || ^3.12", undefined, "3.13.10"],
  ["^3.14", undefined, undefined],
  [">4 <3", undefined, undefined],
  ["^3.13", "dev", "3.13.3-dev"],
  ["3.13.0", "dev", "3.13-dev"],
  ["^3.13", "fips", "3.13.4-fips"],
  ["^3.13", "fips-dev", "3.13.4-fips-dev"],
  ["^3.13", "rc1", "3.14.0-rc1"],
  ["^3.13", "alpine", undefined],
];

describe("the other tags of a tag's variant", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["3.13", "1 3 3.12 3.12.9 3.13.0 3.13.1 3.13.2 3.13.10 4.0"],
    ["3.13.2", "1 3 3.12 3.12.9 3.13 3.13.0 3.13.1 3.13.10 4.0"],
    ["9", "1 3 3.12 3.12.9 3.13 3.13.0 3.13.1 3.13.2 3.13.10 4.0"],
    ["3.13-dev", "3.13.2-dev 3.13.3-dev"],
    ["3.13.4-fips", ""],
    ["latest", ""],
    ["v3.13.11", ""],
    ["3.13.9_custom", ""],
  ];
  for (const [tag, others] of rows) {
    it(`${tag}: ${others === "" ? "none" : others}`, () => {
      expect(sameVariant(tag, tags).join(" ")).to.equal(others);
    });
  }
});

describe("the newest tag in a range", () => {
  for (const [range, variant, tag] of choices) {
    it(`${formatRange({ range, variant })} is ${tag ?? "none"}`, () => {
      expect(newestTag({ range, variant }, tags)).to.equal(tag);
    });
  }

  const number = fc.nat({ max: 12 });
  const variant = fc.constantFrom(undefined, "dev", "fips");
  const version = fc.record({ numbers: fc.array(number, { minLength: 1, maxLength: 3 }), variant });
  const write = ({ numbers, variant: rest }: { readonly numbers: readonly number[]; readonly variant: string | undefined }): string =>
    numbers.join(".") + (rest === undefined ? "" : `-${rest}`);

  it("is the highest of those in the range by its numbers, and then the one with most of them, in whatever order they are listed", () => {
    fc.assert(
      fc.property(fc.array(version), variant, number, number, fc.array(fc.nat()), (listed, wanted, major, minor, keys) => {
        const value = (numbers: readonly number[]): number =>
          [0, 1, 2].reduce((sum, at) => sum * 100 + (numbers[at] ?? 0), 0) + numbers.length / 10;
        // ^major.minor without semver: the same major from minor on, or with major 0 the same minor.
        const inRange = ([a = 0, b = 0]: readonly number[]): boolean => a === major && (major === 0 ? b === minor : b >= minor);
        const best = listed
          .filter((one) => one.variant === wanted && inRange(one.numbers))
          .sort((one, other) => value(other.numbers) - value(one.numbers))[0];
        const shuffled = listed.map((one, at) => [keys[at] ?? 0, write(one)] as const).sort(([one], [other]) => one - other);
        const range = { range: `^${String(major)}.${String(minor)}`, variant: wanted };
        const found = newestTag(range, [...shuffled.map(([, tag]) => tag), "latest", `v${String(major)}.99.99`]);
        expect(found).to.equal(best === undefined ? undefined : write(best));
      }),
    );
  });

  it("is never one with another variant or a suffix", () => {
    fc.assert(
      fc.property(fc.array(version), fc.constantFrom("_custom", "-dev", ".1", "x"), variant, (listed, tail, wanted) => {
        const range = { range: "*", variant: wanted };
        const plain = listed.map(write);
        const before = newestTag(range, plain);
        const noise = listed.flatMap((one) => [`${write({ ...one, variant: "other" })}${tail}`, `${write(one)}_custom`]);
        expect(newestTag(range, [...noise, ...plain])).to.equal(before);
      }),
    );
  });

  it("may be any text that a registry lists", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (listed) => {
        const found = newestTag({ range: "*" }, listed);
        expect(found === undefined || listed.includes(found)).to.equal(true);
      }),
    );
    expect(isInRange({ range: "*" }, `3-${"x".repeat(200)}`)).to.equal(false);
    expect(isInRange({ range: "*" }, "3.13.1\n")).to.equal(false);
  });
});

describe("the tags that are told where a range has none", () => {
  const nearby: readonly (readonly [VersionRange, string])[] = [
    [{ range: "^3.14" }, "3.13.1 3.13.2 3.13.10 4.0"],
    [{ range: "^9" }, "3.13.0 3.13.1 3.13.2 3.13.10 4.0"],
    [{ range: "~0.1" }, "1 3 3.12 3.12.9 3.13"],
    [{ range: "^4", variant: "dev" }, "3.13-dev 3.13.2-dev 3.13.3-dev"],
    [{ range: ">4 <3" }, "3.13.0 3.13.1 3.13.2 3.13.10 4.0"],
  ];
  for (const [range, expected] of nearby) {
    it(`are those around ${formatRange(range)}`, () => {
      const told = nearbyTags(range, tags);
      expect(told.join(" ")).to.include(expected);
      expect(told.length).to.be.at.most(5);
    });
  }

  it("are of other variants where it has none of that", () => {
    expect(nearbyTags({ range: "^3.13", variant: "alpine" }, tags)).to.include("3.13-dev");
    expect(nearbyTags({ range: "^3.13" }, ["latest", "a"])).to.deep.equal([]);
  });
});

describe("a declared range", () => {
  const said = (value: unknown): string | undefined => versionRange.safeParse(value).error?.issues[0]?.message;
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ range: "^3..1" }, /^"\^3\.\.1" is not a valid range\. Write one such as \^3\.13/],
    [{ range: "" }, /^"" is not a valid range/],
    [{ range: " " }, /^" " is not a valid range/],
    [{ range: "latest" }, /is not a valid range/],
    [{ range: "^3 (dev)" }, /is not a valid range/],
    [{}, /^is missing\. Give a range of versions/],
    [{ range: 3 }, /^3 is not a string/],
    [{ range: "^3", variant: "-dev" }, /^"-dev" is not a valid variant\. Give what follows the version and its dash: dev for 3\.13\.2-dev/],
    [{ range: "^3", variant: "" }, /^"" is not a valid variant/],
    [{ range: "^3", variant: "a b" }, /^"a b" is not a valid variant/],
    [{ range: "^3", suffix: "x" }, /^has no property "suffix"\. It has range, variant/],
  ];
  for (const [value, message] of refused) {
    it(`${JSON.stringify(value)} is refused`, () => {
      expect(said(value) ?? "").to.match(message);
    });
  }

  it("has at most 256 characters, and its variant at most 120", () => {
    const fill = (length: number): string => `^3${" ".repeat(length - 2)}`;
    expect(said({ range: fill(MAXIMUM_RANGE_LENGTH) })).to.equal(undefined);
    expect(said({ range: fill(MAXIMUM_RANGE_LENGTH + 1) }) ?? "").to.match(/^a range of 257 characters is longer than 256/);
    expect(said({ range: "^3", variant: "x".repeat(MAXIMUM_VARIANT_LENGTH) })).to.equal(undefined);
    expect(said({ range: "^3", variant: "x".repeat(MAXIMUM_VARIANT_LENGTH + 1) }) ?? "").to.match(/^a text of 121 characters is not/);
  });

  it("is one text for the id, and another one where it means something else", () => {
    expect(formatRange({ range: ">=3.12 <4" })).to.equal(">=3.12 <4");
    expect(formatRange({ range: "^3.13", variant: "dev" })).to.equal("^3.13 (dev)");
    expect(exampleTag({ range: "^3.13", variant: "dev" })).to.equal("3.13.0-dev");
    expect(isInRange({ range: "^3.13", variant: "dev" }, exampleTag({ range: "^3.13", variant: "dev" }))).to.equal(true);
  });
});
