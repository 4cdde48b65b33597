import { describe, it } from "mocha";
import { parseParagraphs } from "../../../../provider/packages/deb/formats/control.js";
import { readInstalled } from "../../../../provider/packages/deb/resolve/installed.js";
import { expect, expectThat } from "../../../support/expectations.js";

const paragraph = (name: string, ...fields: readonly string[]): string => [`Package: ${name}`, "Version: 1", ...fields, ""].join("\n");
const names = (...texts: readonly string[]): readonly string[] =>
  readInstalled(parseParagraphs(texts.join("\n"), "status"), "amd64").map(({ name }) => name);

describe("the base's packages", () => {
  it("are those whose files are there", () => {
    const text = [
      "install ok installed",
      "hold ok installed",
      "install ok triggers-pending",
      "deinstall ok config-files",
      "install ok unpacked",
    ].map((status, at) => paragraph(`p${at}`, `Status: ${status}`, "Architecture: amd64"));
    expect(names(...text)).to.deep.equal(["p0", "p1", "p2"]);
  });

  it("need no Status in status.d", () => {
    expect(names(paragraph("a", "Architecture: all"))).to.deep.equal(["a"]);
  });

  it("of other architectures are ignored", () => {
    expect(names(paragraph("a", "Architecture: i386"), paragraph("b", "Architecture: amd64"))).to.deep.equal(["b"]);
  });

  it("have the fields that the resolver needs", () => {
    const text = paragraph(
      "a",
      "Depends: c",
      "Pre-Depends: b",
      "Provides: v (= 2)",
      "Source: s (1.1)",
      "Essential: yes",
      "Priority: required",
    );
    const [found] = readInstalled(parseParagraphs(text, "status"), "amd64");
    expect(found?.needs.map(({ field, group }) => `${field} ${group[0]?.name ?? ""}`)).to.deep.equal(["Pre-Depends b", "Depends c"]);
    expectThat(found !== undefined);
    expect(found.provides).to.deep.equal([{ name: "v", version: "2" }]);
    expect([found.builtFrom, found.essential, found.rank, found.archive]).to.deep.equal(["s 1.1", true, 0, undefined]);
  });
});
