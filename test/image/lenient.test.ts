import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { z } from "zod";
import { listOf, mapOf, orAbsent, present } from "../../provider/image/lenient.js";

describe("what does not fit", () => {
  it("is left out of a map, whatever its key is", () => {
    const map: unknown = JSON.parse('{"a":"x","b":1,"__proto__":"y","constructor":null}');
    assert.deepEqual(Object.entries(mapOf(z.string()).parse(map)), [
      ["a", "x"],
      ["__proto__", "y"],
    ]);
    for (const value of [undefined, null, [], "x"]) assert.equal(mapOf(z.string()).safeParse(value).success, false);
  });

  it("is left out of a list", () => {
    assert.deepEqual(listOf(z.string()).parse(["a", 1, null, "b"]), ["a", "b"]);
    for (const value of [undefined, null, {}, "x"]) assert.equal(listOf(z.string()).safeParse(value).success, false);
  });

  it("is an absent field", () => {
    const schema = z.object({ a: z.string(), b: orAbsent(z.string()) }).transform(present);
    assert.deepEqual(schema.parse({ a: "x", b: "y" }), { a: "x", b: "y" });
    for (const b of [undefined, null, 1]) assert.deepEqual(Object.keys(schema.parse({ a: "x", b })), ["a"]);
  });
});
