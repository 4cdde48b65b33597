import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../cli/watch/clock.js";

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** A clock that stands until `advance`. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: readonly Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, action: () => void): () => void {
    const timer = { at: this.#now + milliseconds, action };
    this.#timers = [...this.#timers, timer];
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Lets time go by, and whatever it starts go as far as it comes. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await turn();
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#now = next.at;
      this.#timers = this.#timers.filter((one) => one !== next);
      next.action();
      await turn();
    }
    this.#now = end;
  }
}
