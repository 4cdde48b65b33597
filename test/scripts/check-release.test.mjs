import { expect } from "chai";
import { describe, it } from "mocha";
import { findObjections, findSection } from "../../scripts/check-release.mjs";

const changelog = [
  "# Changelog",
  "",
  "## [Unreleased]",
  "",
  "## [1.2.0] - 2026-11-24",
  "",
  "### Added",
  "",
  "- a thing",
  "",
  "## [1.1.0]",
  "",
  "- old",
  "",
  "[1.2.0]: x",
].join("\n");

describe("check-release", () => {
  it("lets a tag pass that package.json and CHANGELOG agree with", () => {
    expect(findObjections({ tag: "v1.2.0", version: "1.2.0", changelog })).to.deep.equal([]);
  });

  const cases = [
    { name: "another version in package.json", tag: "v1.2.0", version: "1.2.1", says: /package\.json says 1\.2\.1/ },
    { name: "a version that the changelog lacks", tag: "v1.3.0", version: "1.3.0", says: /no heading "## \[1\.3\.0\]/ },
    { name: "a heading without a date", tag: "v1.1.0", version: "1.1.0", says: /no date/ },
    { name: "a tag without v", tag: "1.2.0", version: "1.2.0", says: /not a version: name it v1\.2\.0/ },
    { name: "a tag that is not a version", tag: "v1.2", version: "1.2.0", says: /not a version/ },
    { name: "no tag", tag: undefined, version: "1.2.0", says: /\(none\)/ },
  ];
  for (const { name, says, ...input } of cases) {
    it(`refuses ${name}`, () => {
      const objections = findObjections({ ...input, changelog });
      expect(objections.length).to.equal(1);
      expect(objections[0]).to.match(says);
    });
  }

  it("refuses a heading with nothing under it, also where a link follows", () => {
    const empty = "## [1.0.0] - 2026-01-01\n\n[1.0.0]: x\n";
    expect(findObjections({ tag: "v1.0.0", version: "1.0.0", changelog: empty })).to.deep.equal(["CHANGELOG.md says nothing under 1.0.0"]);
  });

  it("does not take one version's heading for another's prefix", () => {
    expect(findSection(changelog, "1.2")).to.equal(undefined);
    expect(findSection(changelog, "1.2.0")).to.equal("### Added\n\n- a thing");
    expect(findSection(changelog, "1.1.0")).to.equal("- old");
  });
});
