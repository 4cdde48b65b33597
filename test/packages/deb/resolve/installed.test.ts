import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { parseParagraphs } from "../../../../provider/packages/deb/formats/control.js";
import { readInstalled } from "../../../../provider/packages/deb/resolve/installed.js";

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
    assert.deepEqual(names(...text), ["p0", "p1", "p2"]);
  });

  it("need no Status in status.d", () => {
    assert.deepEqual(names(paragraph("a", "Architecture: all")), ["a"]);
  });

  it("of other architectures are ignored", () => {
    assert.deepEqual(names(paragraph("a", "Architecture: i386"), paragraph("b", "Architecture: amd64")), ["b"]);
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
    assert.deepEqual(
      found?.needs.map(({ field, group }) => `${field} ${group[0]?.name ?? ""}`),
      ["Pre-Depends b", "Depends c"],
    );
    assert.deepEqual(found.provides, [{ name: "v", version: "2" }]);
    assert.deepEqual([found.builtFrom, found.essential, found.rank, found.archive], ["s 1.1", true, 0, undefined]);
  });
});
