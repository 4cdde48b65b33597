import { describe, it } from "mocha";
import { z } from "zod";
import { listOf, mapOf, orAbsent, present } from "../../provider/image/lenient.js";
import { expect } from "../support/expectations.js";

describe("an invalid value", () => {
  it("is dropped from a map, whatever its key", () => {
    const map: unknown = JSON.parse('{"a":"x","b":1,"__proto__":"y","constructor":null}');
    expect(Object.entries(mapOf(z.string()).parse(map))).to.deep.equal([
      ["a", "x"],
      ["__proto__", "y"],
    ]);
    for (const value of [undefined, null, [], "x"]) expect(mapOf(z.string()).safeParse(value).success).to.equal(false);
  });

  it("is dropped from a list", () => {
    expect(listOf(z.string()).parse(["a", 1, null, "b"])).to.deep.equal(["a", "b"]);
    for (const value of [undefined, null, {}, "x"]) expect(listOf(z.string()).safeParse(value).success).to.equal(false);
  });

  it("counts as an absent field", () => {
    const schema = z.object({ a: z.string(), b: orAbsent(z.string()) }).transform(present);
    expect(schema.parse({ a: "x", b: "y" })).to.deep.equal({ a: "x", b: "y" });
    for (const b of [undefined, null, 1]) expect(Object.keys(schema.parse({ a: "x", b }))).to.deep.equal(["a"]);
  });
});
