import { it } from "mocha";
import { once } from "node:events";
import { delayAbort } from "../../provider/async/delay-abort.js";
import { expect, expectThat } from "../support/expectations.js";

it("a delayed signal aborts after its source, for the same reason", async () => {
  const source = new AbortController();
  const delayed = delayAbort(source.signal, 5);
  expectThat(delayed !== undefined);
  const reason = new Error("interrupted");
  const aborted = once(delayed, "abort");
  source.abort(reason);
  expect(delayed.aborted).to.equal(false);
  // The timer of the signal does not keep the process alive.
  const alive = setInterval(() => undefined, 1000);
  await aborted;
  clearInterval(alive);
  expect(delayed.reason).to.equal(reason);

  const late = delayAbort(source.signal, 5);
  expectThat(late !== undefined);
  expect(late.aborted).to.equal(false);
  expect(delayAbort(undefined, 5)).to.equal(undefined);
});
