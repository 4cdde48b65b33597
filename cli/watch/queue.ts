import { backOffDelay, type BackOff } from "./back-off.js";
import { causeKey, type Cause } from "./cause.js";
import type { Clock } from "./clock.js";

/** More pushes than this are remembered as one cause, "many". */
export const MAX_CAUSES = 1000;
/** A cascade that does not end is waited for at most this many times the quiet time. */
export const LONGEST_WAIT = 10;

export interface QueueOptions {
  readonly clock: Clock;
  /** Milliseconds without a new cause before a run. */
  readonly quiet: number;
  readonly backOff: BackOff;
  /** Whether a cause asks for a run, by what is known now. */
  readonly isDue: (cause: Cause) => boolean;
  /** Waits for this stack's turn, and runs what `take` then returns, unless that is nothing. False when it failed. */
  readonly run: (take: () => readonly Cause[], failures: number) => Promise<boolean>;
}

/**
 * Causes to run one stack, and when. What comes in during a run causes one further run at most, and only if it is still due by what
 * that run has found: so the pushes of a run do not cause the next one.
 */
export class RunQueue {
  readonly #options: QueueOptions;
  readonly #pending = new Map<string, Cause>();
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #firstAt = 0;
  #notBefore = 0;
  #failures = 0;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Whether the cause is kept. */
  offer(cause: Cause): boolean {
    if (this.#stopped) return false;
    // During a run it is judged after it.
    if (this.#running === undefined && !this.#options.isDue(cause)) return false;
    if (this.#pending.size === 0) this.#firstAt = this.#options.clock.now();
    this.#keep(cause);
    if (this.#running === undefined) this.#schedule();
    return true;
  }

  /** Starts no more runs, and waits for the end of the one that is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#pending.clear();
    await this.#running;
  }

  #keep(cause: Cause): void {
    const key = causeKey(cause);
    const full = this.#pending.size >= MAX_CAUSES && !this.#pending.has(key);
    if (full) this.#pending.clear();
    const kept: Cause = full ? { kind: "many" } : cause;
    this.#pending.set(causeKey(kept), kept);
  }

  #schedule(): void {
    const { clock, quiet } = this.#options;
    const now = clock.now();
    const due = Math.min(now + quiet, this.#firstAt + quiet * LONGEST_WAIT);
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(Math.max(due, this.#notBefore, now) - now, () => {
      this.#cancelTimer = undefined;
      this.#running = this.#runOnce();
    });
  }

  async #runOnce(): Promise<void> {
    const { clock, backOff, run } = this.#options;
    const succeeded = await run(() => this.#take(), this.#failures);
    this.#running = undefined;
    this.#failures = succeeded ? 0 : this.#failures + 1;
    this.#notBefore = clock.now() + backOffDelay(backOff, this.#failures);
    if (this.#stopped) return;
    for (const [key, cause] of this.#pending) if (!this.#options.isDue(cause)) this.#pending.delete(key);
    if (!succeeded) this.#keep({ kind: "retry" });
    if (this.#pending.size === 0) return;
    this.#firstAt = clock.now();
    this.#schedule();
  }

  #take(): readonly Cause[] {
    const causes = [...this.#pending.values()].filter((cause) => this.#options.isDue(cause));
    this.#pending.clear();
    return causes;
  }
}
