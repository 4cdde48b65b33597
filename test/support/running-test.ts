// What a test can say while it runs. Loaded by .mocharc.cjs; its hooks tell which test that is.
import type { Context, Test } from "mocha";

// mocha hands a rejection that nobody handles on to other listeners, and passes the test where there are none: as an error it fails it.
process.on("unhandledRejection", (reason) => {
  throw reason;
});

type Stop = () => unknown;

let running: Test | undefined;
let stops: Stop[] = [];

function current(what: string): Test {
  if (running === undefined) throw new Error(`${what} is for a test that runs; a suite has before and after`);
  return running;
}

/** Calls a function when this test has ended, however it did; the last one given goes first. */
export function cleanup(stop: Stop): void {
  current("cleanup");
  stops.push(stop);
}

/** Ends this test as skipped, for a reason that its title gets. */
export function skipTest(reason: string): never {
  const test = current("skipTest");
  test.title = `${test.title} (${reason})`;
  test.skip();
  throw new Error("mocha's skip has returned");
}

/** Tells something beside the outcome: a measure, or how many cases were tried. */
export function note(text: string): void {
  process.stdout.write(`${current("note").title}: ${text}\n`);
}

/** @public mocha takes them by this name. */
export const mochaHooks = {
  beforeEach(this: Context): void {
    running = this.currentTest;
  },
  async afterEach(): Promise<void> {
    const last = stops.reverse();
    stops = [];
    running = undefined;
    const failures: unknown[] = [];
    for (const stop of last) {
      try {
        await stop();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("\n"));
  },
};
