import { describe, it } from "mocha";
import { asError, blame, DhiError } from "../../provider/errors.js";
import { expect } from "../support/expectations.js";

describe("DhiError", () => {
  it("tells property, message and hint in one line", () => {
    const cases = [
      [new DhiError("invalid", "it is red"), "it is red"],
      [new DhiError("invalid", "it is red", { property: "a[0].b" }), "a[0].b: it is red"],
      [new DhiError("invalid", "it is red", { property: "" }), "it is red"],
      [new DhiError("invalid", "it is red", { hint: "Paint it" }), "it is red. Paint it"],
      [new DhiError("invalid", "it is red", { property: "p", hint: "Paint it" }), "p: it is red. Paint it"],
    ] as const;
    for (const [error, expected] of cases) expect(error.describe()).to.equal(expected);
  });

  it("is an Error with a name, a code and the cause", () => {
    const cause = new Error("below");
    const error = new DhiError("unavailable", "above", { cause, origin: "base" });
    expect(error).to.be.instanceOf(Error);
    expect(error.name).to.equal("DhiError");
    expect(error.code).to.equal("unavailable");
    expect(error.origin).to.equal("base");
    expect(error.cause).to.equal(cause);
    expect("cause" in new DhiError("invalid", "without")).to.equal(false);
  });

  it("learns from outer callers only what it does not know", () => {
    const cause = new Error("below");
    const inner = new DhiError("conflict", "m", { property: "inner", cause });
    const told = inner.within({ origin: "artifact", property: "outer", hint: "Do it" });
    expect([told.code, told.message, told.origin, told.property, told.hint]).to.deep.equal(["conflict", "m", "artifact", "inner", "Do it"]);
    expect(told.cause).to.equal(cause);
    expect(inner.origin).to.equal(undefined);
  });
});

describe("blame", () => {
  it("passes results and foreign errors as they are", async () => {
    expect(await blame({ origin: "base" }, () => Promise.resolve(7))).to.equal(7);
    const foreign = new TypeError("not ours");
    await expect(blame({ origin: "base" }, () => Promise.reject(foreign))).to.be.rejectedWithError((thrown) => thrown === foreign);
  });

  it("gives ours their origin and property", async () => {
    const work = (): Promise<never> => Promise.reject(new DhiError("not-found", "m"));
    await expect(blame({ origin: "base", property: "version" }, work)).to.be.rejectedWithError({
      code: "not-found",
      origin: "base",
      property: "version",
    });
  });

  it("holds what work throws before it has a promise", async () => {
    const work = (): Promise<never> => {
      throw new DhiError("limit", "m");
    };
    await expect(blame({ property: "p" }, work)).to.be.rejectedWithError({ property: "p" });
  });
});

describe("asError", () => {
  it("makes an Error of anything", () => {
    const error = new RangeError("kept");
    expect(asError(error)).to.equal(error);
    expect(asError("text").message).to.equal("text");
    const itself: { me?: unknown } = {};
    itself.me = itself;
    for (const thrown of [7, 7n, undefined, null, { no: "error" }, itself]) expect(asError(thrown).message).to.match(/^an unknown error: /);
  });
});
