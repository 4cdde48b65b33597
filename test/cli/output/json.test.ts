import fc from "fast-check";
import { describe, it } from "mocha";
import { formatJson } from "../../../cli/output/json.js";
import { expect } from "../../support/expectations.js";

describe("JSON for a terminal", () => {
  it("is indented, and ends with a line feed", () => {
    expect(formatJson({ a: ["ü"] })).to.equal('{\n  "a": [\n    "ü"\n  ]\n}\n');
  });

  it("escapes what a terminal would interpret, and is the same value", () => {
    expect(formatJson("\u001b[31m\u009b0m\u202e\u2028\u007f")).to.equal('"\\u001b[31m\\u009b0m\\u202e\\u2028\\u007f"\n');
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.oneof(text, fc.dictionary(text, text)), (value) => {
        const json = formatJson(value);
        expect(JSON.parse(json)).to.deep.equal(JSON.parse(JSON.stringify(value)));
        expect(json).to.not.match(/(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      }),
    );
  });
});
