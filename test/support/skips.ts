// Suites and tests that need what is not there: skipped, with the reason in the title.
import { it, type AsyncFunc, type Context, type Func } from "mocha";

/** Why something cannot run here; false, undefined or empty where it can. */
export type Reason = string | false | undefined;

/** The body of a suite, or one skipped test in its place: what a body declares may need what is missing. */
export function suiteUnless(reason: Reason, body: () => void): () => void {
  if (reason === undefined || reason === false || reason === "") return body;
  return () => void it.skip(`all of it (${reason})`, () => undefined);
}

/** The body of a test, or one that skips it. */
export function testUnless(reason: Reason, body: Func | AsyncFunc): Func | AsyncFunc {
  if (reason === undefined || reason === false || reason === "") return body;
  return function (this: Context) {
    const test = this.test;
    if (test !== undefined) test.title = `${test.title} (${reason})`;
    this.skip();
  };
}
