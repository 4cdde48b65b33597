import { describe, it } from "mocha";
import { formatId, identityOf, specAt } from "../../provider/pipeline/spec/image-spec.js";
import { customizationKind as kind } from "../../provider/resources/customization/customization.js";
import { describeFailure, parseInputs } from "../../provider/resources/parse.js";
import { unknown, type ValueMap } from "../../provider/values.js";
import { expect, expectThat } from "../support/expectations.js";

const inputs = { repository: "ghcr.io/acme/python", version: { range: "^3.13", variant: "dev" }, suffix: "custom" };
const said = (more: ValueMap): readonly string[] => parseInputs(kind.schema, { ...inputs, ...more }).failures.map(describeFailure);
const specOf = (more: ValueMap, tag: string) => {
  const { value } = parseInputs(kind.schema, { ...inputs, ...more });
  expectThat(value !== undefined);
  return specAt(value, tag);
};

describe("customizations of a range of versions", () => {
  it("have the id of the range, and the tags of what it matched", () => {
    for (const tag of ["3.13.1-dev", "3.13.2-dev"]) {
      const spec = specOf({ additionalTags: ["latest"] }, tag);
      expectThat(spec?.base !== undefined);
      expect(spec.base.tag).to.equal(tag);
      expect(spec.tags.map((one) => one.tag)).to.deep.equal([`${tag}_custom`, "latest"]);
      expect(formatId(identityOf(spec))).to.equal("ghcr.io/acme/python:^3.13 (dev)_custom");
      expect(kind.identify({ ...inputs, additionalTags: ["latest"], cmd: unknown }, tag)).to.deep.equal(identityOf(spec));
    }
    const elsewhere = specOf({ suffix: undefined as never, destination: "ghcr.io/p", version: { range: "*" } }, "3");
    expectThat(elsewhere !== undefined);
    expect(formatId(identityOf(elsewhere))).to.equal("ghcr.io/p:*");
    expect(elsewhere.tags).to.deep.equal([{ tag: "3", property: "version" }]);
  });

  it("have an id and no first tag while it is not known what the range matches", () => {
    const identity = kind.identify({ ...inputs, additionalTags: ["latest"] });
    expectThat(identity !== undefined);
    expect(identity.tags).to.deep.equal(["latest"]);
    expect(formatId(identity)).to.equal("ghcr.io/acme/python:^3.13 (dev)_custom");
    const { value } = parseInputs(kind.schema, inputs);
    expectThat(value !== undefined);
    expect(specAt(value, undefined)).to.equal(undefined);
  });

  it("have neither id nor base while the range is unknown or broken", () => {
    const versions: readonly ValueMap[] = [{ range: unknown }, { range: "^3", variant: unknown }, { range: "^3..1" }, {}];
    for (const version of versions) {
      expect(kind.identify({ ...inputs, version }, "3.13")).to.equal(undefined);
      expect(kind.identifyBase({ ...inputs, version })).to.equal(undefined);
    }
    expect(said({ version: { range: unknown, variant: "dev" } })).to.deep.equal([]);
    expect(kind.identifyBase({ ...inputs, repository: unknown })).to.equal(undefined);
    expect(kind.identifyBase({ ...inputs, cmd: unknown })).to.deep.equal({
      repository: { kind: "registry", host: "ghcr.io", name: "acme/python" },
      range: inputs.version,
    });
  });

  const refused: readonly (readonly [ValueMap, RegExp])[] = [
    [{ version: { range: "^3..1" } }, /^version\.range: "\^3\.\.1" is not a valid range/],
    [{ version: { variant: "dev" } }, /^version\.range: is missing/],
    [{ version: { range: "^3", variant: "-dev" } }, /^version\.variant: "-dev" is not a valid variant/],
    [{ version: ["^3"] }, /^version: is not a version\. Give a tag, tag@sha256:…, or \{ range, variant\? \}/],
    [{ version: "^3.13" }, /^version: "\^3\.13" is not a valid tag\. Write a tag such as 3\.13, .* or \{ range: "\^3\.13" \} for/],
    [{ suffix: "" }, /^suffix: "" gives "3\.13\.0-dev_", which is not a valid tag/],
    [{ suffix: "a b" }, /^suffix: "a b" gives "3\.13\.0-dev_a b", which is not a valid tag/],
    [{ suffix: undefined as never }, /^suffix: is missing, and without it the base's own tag would be overwritten/],
    [{ additionalTags: ["a", "a"] }, /^additionalTags: "a" is already published/],
    [
      { additionalTags: ["3.14-dev"] },
      /^additionalTags: "3\.14-dev" lies in \^3\.13 \(dev\), and would be the base of the next update\. Remove/,
    ],
  ];
  for (const [more, message] of refused) {
    it(`refuse ${JSON.stringify(more)}, naming the property and the value`, () => {
      const [first, ...others] = said(more);
      expect(first ?? "").to.match(message);
      expect(others).to.deep.equal([]);
    });
  }

  it("refuse what shows when the tag is known", () => {
    const at = (more: ValueMap, tag: string) => () => specOf(more, tag);
    expect(said({ additionalTags: ["3.13.0-dev_custom"] })).to.deep.equal([]);
    expect(at({ additionalTags: ["3.13.0-dev_custom"] }, "3.13.0-dev")).to.throwError({ code: "invalid", property: "additionalTags" });
    expect(at({ additionalTags: ["3.13.0-dev_custom"] }, "3.13.1-dev")).to.not.throw();
    const suffix = "x".repeat(119);
    expect(at({ suffix }, "3.13-dev")).to.not.throw();
    expect(at({ suffix }, "3.13.10-dev")).to.throwError({ code: "invalid", property: "suffix", message: /which is not a valid tag/ });
  });

  it("elsewhere may publish a tag that lies in the range", () => {
    expect(said({ destination: "ghcr.io/p", additionalTags: ["3.14-dev"] })).to.deep.equal([]);
  });
});
