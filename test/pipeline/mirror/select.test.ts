import { describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { needsListing, selectTags } from "../../../provider/pipeline/mirror/select.js";
import { expect } from "../../support/expectations.js";

const source = parseRepository("registry.example.com/acme/python");
const hex = "a".repeat(64);
const available = ["3.12", "3.13", "3.13-dev", "latest", `sha256-${hex}`, `sha256-${hex}.sig`];
const select = (...items: string[]): readonly string[] => selectTags(items, available, source).map(({ tag }) => tag);

describe("selecting tags", () => {
  it("takes names as they are, matches globs with the tags of images, and takes each tag once", () => {
    expect(select("3.13", "4.0")).to.deep.equal(["3.13", "4.0"]);
    expect(select("3.13*", "3.*")).to.deep.equal(["3.13", "3.13-dev", "3.12"]);
    expect(select("3.1[23]")).to.deep.equal(["3.12", "3.13"]);
    expect(select("*")).to.deep.equal(["3.12", "3.13", "3.13-dev", "latest"]);
    expect(select(`sha256-${hex}.sig`)).to.deep.equal([`sha256-${hex}.sig`]);
  });

  it("matches globs with valid tags alone: other tools write other names into layouts", () => {
    expect(selectTags(["*"], ["app:1.0", "a b", "", "1.0"], source).map(({ tag }) => tag)).to.deep.equal(["1.0"]);
  });

  it("refuses a glob without a match, and names it", () => {
    expect(() => select("3.13", "9.*")).to.throwError({
      code: "not-found",
      message: /no tag of registry\.example\.com\/acme\/python matches 9\.\*/,
      property: "select[1]",
    });
    expect(() => select("sha256-*")).to.throwError({ code: "not-found" });
  });

  it("needs the list of tags for globs and ranges alone", () => {
    expect(needsListing(["3.13"])).to.equal(false);
    expect(needsListing(["3.13", "3.?"])).to.equal(true);
    expect(needsListing(["3.13", { range: "^3" }])).to.equal(true);
  });
});
