import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { asError, blame, DhiError } from "../../provider/errors.js";

describe("DhiError", () => {
  it("tells property, message and hint in one line", () => {
    const cases = [
      [new DhiError("invalid", "it is red"), "it is red"],
      [new DhiError("invalid", "it is red", { property: "a[0].b" }), "a[0].b: it is red"],
      [new DhiError("invalid", "it is red", { property: "" }), "it is red"],
      [new DhiError("invalid", "it is red", { hint: "Paint it" }), "it is red. Paint it"],
      [new DhiError("invalid", "it is red", { property: "p", hint: "Paint it" }), "p: it is red. Paint it"],
    ] as const;
    for (const [error, expected] of cases) assert.equal(error.describe(), expected);
  });

  it("is an Error with a name, a code and the cause", () => {
    const cause = new Error("below");
    const error = new DhiError("unavailable", "above", { cause, origin: "base" });
    assert.ok(error instanceof Error);
    assert.equal(error.name, "DhiError");
    assert.equal(error.code, "unavailable");
    assert.equal(error.origin, "base");
    assert.equal(error.cause, cause);
    assert.equal("cause" in new DhiError("invalid", "without"), false);
  });

  it("learns from outer callers only what it does not know", () => {
    const cause = new Error("below");
    const inner = new DhiError("conflict", "m", { property: "inner", cause });
    const told = inner.within({ origin: "artifact", property: "outer", hint: "Do it" });
    assert.deepEqual([told.code, told.message, told.origin, told.property, told.hint], ["conflict", "m", "artifact", "inner", "Do it"]);
    assert.equal(told.cause, cause);
    assert.equal(inner.origin, undefined);
  });
});

describe("blame", () => {
  it("passes results and foreign errors as they are", async () => {
    assert.equal(await blame({ origin: "base" }, () => Promise.resolve(7)), 7);
    const foreign = new TypeError("not ours");
    await assert.rejects(
      blame({ origin: "base" }, () => Promise.reject(foreign)),
      (thrown) => thrown === foreign,
    );
  });

  it("gives ours their origin and property", async () => {
    const work = (): Promise<never> => Promise.reject(new DhiError("not-found", "m"));
    await assert.rejects(blame({ origin: "base", property: "version" }, work), { code: "not-found", origin: "base", property: "version" });
  });

  it("holds what work throws before it has a promise", async () => {
    const work = (): Promise<never> => {
      throw new DhiError("limit", "m");
    };
    await assert.rejects(blame({ property: "p" }, work), { property: "p" });
  });
});

describe("asError", () => {
  it("makes an Error of anything", () => {
    const error = new RangeError("kept");
    assert.equal(asError(error), error);
    assert.equal(asError("text").message, "text");
    const itself: { me?: unknown } = {};
    itself.me = itself;
    for (const thrown of [7, 7n, undefined, null, { no: "error" }, itself]) assert.match(asError(thrown).message, /^an unknown error: /);
  });
});
