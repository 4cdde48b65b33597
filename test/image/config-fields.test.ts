import { describe, it } from "mocha";
import { set } from "../../provider/image/config-fields.js";
import { add } from "../../provider/image/field-edits.js";
import type { JsonObject } from "../../provider/image/json.js";
import { expect } from "../support/expectations.js";

describe("a field that is a set", () => {
  const table: readonly (readonly [base: unknown, declared: readonly string[], written: string | undefined])[] = [
    [undefined, [], undefined],
    [undefined, ["b", "a", "b"], '{"a":{},"b":{}}'],
    [null, ["a"], '{"a":{}}'],
    [["a"], ["b"], '{"b":{}}'],
    ["a", ["b"], '{"b":{}}'],
    [{}, [], undefined],
    [{ b: {}, a: null }, [], '{"b":{},"a":null}'],
    [{ b: {}, a: null }, ["a"], '{"b":{},"a":null}'],
    [{ b: {}, a: null }, ["c"], '{"a":null,"b":{},"c":{}}'],
    [{}, ["__proto__", "constructor"], '{"__proto__":{},"constructor":{}}'],
  ];
  for (const [base, declared, written] of table) {
    it(`has the elements added to ${JSON.stringify(base)}: ${declared.join(" ")}`, () => {
      const json: JsonObject | undefined = add(set.shape.parse(base), declared);
      expect(JSON.stringify(json)).to.equal(written);
    });
  }

  it("is shown as its names, sorted", () => {
    expect(set.show({ b: {}, a: {} })).to.deep.equal(["a", "b"]);
  });
});
