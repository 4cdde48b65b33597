// chai's expect with chai-as-promised and our own words; tests take it from here.
import { inspect, isDeepStrictEqual } from "node:util";
import * as chai from "chai";
import chaiAsPromised from "chai-as-promised";
import { findDifference, type FailurePattern } from "./failure-pattern.js";

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chai's types are extended
  namespace Chai {
    interface Assertion {
      /** The function throws what the pattern says. */
      throwError(pattern: FailurePattern): void;
      /** The promise is rejected with what the pattern says. */
      rejectedWithError(pattern: FailurePattern): Promise<void>;
    }
  }
}

// Equal to the prototype, -0 and NaN, as node's own strict comparison has it: chai's takes a Buffer for a Uint8Array and an object for one without prototype.
chai.config.deepEqual = isDeepStrictEqual;
// A failure tells all of what it saw.
chai.config.truncateThreshold = 0;
chai.use(chaiAsPromised);

/** What a promise or function came to. */
type Outcome = { readonly thrown: unknown } | { readonly value: unknown };

/** Fails unless the outcome is an error that the pattern fits; an error that came is the cause of the failure. */
function check(assertion: Chai.AssertionPrototype, outcome: Outcome, pattern: FailurePattern, wanted: string): void {
  const message = chai.util.flag(assertion, "message") as string | undefined;
  const fail = (what: string, values: object, cause?: unknown): never => {
    const text = `${message === undefined ? "" : `${message}: `}expected ${wanted} ${what}`;
    throw Object.assign(new chai.AssertionError(text, values, check), { cause });
  };
  if ("value" in outcome) return fail(`${inspect(pattern)}, but it gave ${inspect(outcome.value)}`, {});
  const difference = findDifference(outcome.thrown, pattern);
  if (difference !== undefined) fail(difference.what, { ...difference.values, showDiff: "expected" in difference.values }, outcome.thrown);
}

chai.use(({ Assertion }) => {
  Assertion.addMethod("throwError", function (this: Chai.AssertionPrototype, pattern: FailurePattern) {
    const run = this._obj as () => unknown;
    let outcome: Outcome;
    try {
      outcome = { value: run() };
    } catch (thrown) {
      outcome = { thrown };
    }
    check(this, outcome, pattern, "an error to be thrown that");
  });
  Assertion.addMethod("rejectedWithError", function (this: Chai.AssertionPrototype, pattern: FailurePattern) {
    return (this._obj as Promise<unknown>).then(
      (value) => check(this, { value }, pattern, "a rejection that"),
      (thrown: unknown) => check(this, { thrown }, pattern, "a rejection that"),
    );
  });
});

export const { expect } = chai;

/** Fails unless the condition holds, and tells the compiler that it does: for a value that the test goes on with. */
export function expectThat(condition: unknown, message?: string): asserts condition {
  if (!condition) throw new chai.AssertionError(message ?? `expected ${inspect(condition)} to hold`, undefined, expectThat);
}
