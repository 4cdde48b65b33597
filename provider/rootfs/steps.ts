import { setImmediate } from "node:timers/promises";
import { cancellation } from "../errors.js";

/** Work whose length depends on outside data and that can pause between any two steps. A step takes about a millisecond at most. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Milliseconds of steps before the event loop gets a turn: timers, signals, server responses. */
const TURN = 20;

/** Runs the steps and yields to the event loop now and then. Throws `DhiError` "cancelled", or the signal's reason when it was aborted. */
export async function inTurns<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  stopIfAborted(signal);
  for (let since = performance.now(); ;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < TURN) continue;
    await setImmediate();
    stopIfAborted(signal);
    since = performance.now();
  }
}

/** Runs all steps without a pause: for work that is known to be small. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Throws the signal's reason when it is a `DhiError` (the deadline, an interrupt), else "cancelled". */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw cancellation(signal, "the operation was cancelled");
}
