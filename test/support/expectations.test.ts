import { describe, it } from "mocha";
import { expect, expectThat } from "./expectations.js";
import type { FailurePattern } from "./failure-pattern.js";

class Refusal extends Error {
  readonly code = "invalid";
  readonly hint: string | undefined = undefined;
}
const refusal = new Refusal("the tag is wrong");
const refuse = (): never => {
  throw refusal;
};

/** The failure of an expectation; an error where it holds. */
function failureOf(run: () => unknown): Error {
  try {
    run();
  } catch (thrown) {
    expectThat(thrown instanceof Error);
    return thrown;
  }
  throw new Error("it held");
}

const fitting: Readonly<Record<string, FailurePattern>> = {
  "a property": { code: "invalid" },
  "an expression for the message, and a property that is undefined": { message: /^the tag/, hint: undefined },
  "the message": { message: "the tag is wrong" },
  "an expression for name and message": /^Error: the tag/,
  "its class": Refusal,
  itself: refusal,
  "a function": (thrown: unknown) => thrown === refusal,
};

const others: readonly (readonly [FailurePattern, RegExp])[] = [
  [{ code: "limit" }, /has another code: it was .*the tag is wrong/],
  [{ code: "invalid", message: /digest/ }, /has another message: it was/],
  [{ origin: undefined }, /has another origin/],
  [{ code: /valid/, hint: /undefined/ }, /has another hint/],
  [/^the tag/, /matches \/\^the tag\/, but it was/],
  [TypeError, /is a TypeError, but it was/],
  [new Error("the tag is right"), /has another message/],
  [() => false, /is true of, but it was/],
];

describe("an expected error", () => {
  for (const [what, pattern] of Object.entries(fitting)) {
    it(`fits ${what}`, async () => {
      expect(refuse).to.throwError(pattern);
      await expect(Promise.reject(refusal)).to.be.rejectedWithError(pattern);
    });
  }

  for (const [pattern, told] of others) {
    it(`differs, and the failure shows the one that came: ${told.source}`, async () => {
      const failure = failureOf(() => expect(refuse).to.throwError(pattern));
      expect(failure.message).to.match(told);
      expect(failure.cause).to.equal(refusal);
      await expect(expect(Promise.reject(refusal), "why").to.be.rejectedWithError(pattern)).to.be.rejectedWith(told);
    });
  }

  it("shows in what it differs, and only that", () => {
    const failure = failureOf(() => expect(refuse).to.throwError({ code: "limit", message: /tag/ }));
    expect(failure).to.deep.include({
      actual: { code: "invalid", message: "the tag is wrong" },
      expected: { code: "limit", message: "the tag is wrong" },
    });
  });

  it("that does not come is a failure that says what came", async () => {
    expect(failureOf(() => expect(() => 7).to.throwError({ code: "limit" })).message).to.match(/an error to be thrown .*but it gave 7$/);
    await expect(expect(Promise.resolve([7])).to.be.rejectedWithError(/x/)).to.be.rejectedWith(/a rejection that .*but it gave \[ 7 \]$/);
  });
});

describe("deeply equal", () => {
  for (const [what, one, other] of [
    ["a Buffer and a Uint8Array", Buffer.from("a"), new Uint8Array([97])],
    ["-0 and 0", [-0], [0]],
    ["undefined and nothing", { a: undefined }, {}],
    ["an instance and its properties", new Refusal(), { code: "invalid", hint: undefined }],
    ["an object without prototype", Object.create(null), {}],
    ["maps by value", new Map([["a", 1]]), new Map([["a", 2]])],
    ["errors by message", new Error("a"), new Error("b")],
    ["a hole and undefined", Array(1), [undefined]],
  ] as const) {
    it(`tells apart ${what}`, () => {
      expect(one).to.not.deep.equal(other);
      expect(one).to.deep.equal(one);
    });
  }

  it("takes sets and maps in any order", () => {
    expect(new Set([{ a: 1 }, { b: 2 }])).to.deep.equal(new Set([{ b: 2 }, { a: 1 }]));
    expect([NaN]).to.deep.equal([NaN]);
  });
});
