import { setImmediate } from "node:timers/promises";
import { cancellation } from "../errors.js";

/** Work whose length somebody else decides, which can rest between any two of its steps. A step takes about a millisecond at most. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Milliseconds of steps before others get a turn: timers, signals, answers of servers. */
const TURN = 20;

/** Does the work and lets the event loop turn now and then. Throws `cancelled`, or what the signal was aborted with. */
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

/** Does the work without a rest: for what is known to be small. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Throws the reason when it is one of our errors (the deadline, an interrupt), else `cancelled`. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw cancellation(signal, "the operation was cancelled");
}
