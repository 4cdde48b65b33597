import { Limiter } from "../../provider/async/limiter.js";
import { asError } from "../../provider/errors.js";
import type { BackOff } from "./back-off.js";
import { backOffDelay } from "./back-off.js";
import { formatCauses, type Cause } from "./cause.js";
import type { Clock } from "./clock.js";
import type { Log } from "./log.js";
import type { WatchMetrics } from "./metrics.js";
import type { RunFailure } from "./on-failure.js";
import { RunQueue } from "./queue.js";
import { isConcerned, unknownSources, type StackSources } from "./sources.js";
import type { KeptStack } from "./stack.js";

export interface FleetOptions {
  readonly stacks: readonly KeptStack[];
  readonly clock: Clock;
  readonly quiet: number;
  readonly backOff: BackOff;
  readonly metrics: WatchMetrics;
  readonly log: Log;
  /** Interrupts the run that goes on. */
  readonly signal: AbortSignal;
  readonly onFailure: (failure: RunFailure) => Promise<void>;
}

/** The stacks of a watch: each with its own causes and back-off, one run at a time. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #sources: Map<string, StackSources>;
  readonly #queues: readonly RunQueue[];

  constructor(options: FleetOptions) {
    this.#options = options;
    const { stacks, clock, quiet, backOff } = options;
    this.#sources = new Map(stacks.map(({ name }) => [name, unknownSources]));
    const turn = new Limiter(1);
    this.#queues = stacks.map(
      (stack) =>
        new RunQueue({
          clock,
          quiet,
          backOff,
          isDue: (cause) => this.#isDue(stack, cause),
          run: (take, failures) => turn.run(() => this.#run(stack, take(), failures)),
        }),
    );
  }

  /** Whether a stack may be out of date by it. */
  offer(cause: Cause): boolean {
    return this.#queues.map((queue) => queue.offer(cause)).includes(true);
  }

  /** Waits for the run that goes on, and starts no other. */
  async stop(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.stop()));
  }

  #isDue({ name }: KeptStack, cause: Cause): boolean {
    const sources = this.#sources.get(name) ?? unknownSources;
    return cause.kind !== "push" || isConcerned(sources, cause.push, [...this.#sources.values()]);
  }

  async #run(stack: KeptStack, causes: readonly Cause[], failuresBefore: number): Promise<boolean> {
    if (causes.length === 0) return true;
    const { clock, metrics, log, signal, onFailure, backOff } = this.#options;
    const { name } = stack;
    log(`stack ${name}: up, because ${formatCauses(causes)}`);
    const start = clock.now();
    metrics.started(name);
    const outcome = await stack.up(signal);
    const took = clock.now() - start;
    const result = outcome.result === "failed" && signal.aborted ? "cancelled" : outcome.result;
    metrics.ended(name, result, clock.now(), took);
    await this.#readSources(stack);
    const seconds = (took / 1000).toFixed(1);
    if (outcome.result !== "failed") {
      log(`stack ${name}: up succeeded in ${seconds} s: ${outcome.text}`);
      return true;
    }
    for (const error of outcome.errors) log(`stack ${name}: ${error}`);
    if (signal.aborted) {
      log(`stack ${name}: up was cancelled after ${seconds} s`);
      return false;
    }
    const failures = failuresBefore + 1;
    const delay = (backOffDelay(backOff, failures) / 1000).toFixed(0);
    log(`stack ${name}: up failed after ${seconds} s, ${failures} times in a row; the next try is in ${delay} s`);
    await onFailure({ stack: name, failures, errors: outcome.errors });
    return false;
  }

  /** A stack whose state cannot be read may be made of anything. */
  async #readSources(stack: KeptStack): Promise<void> {
    try {
      this.#sources.set(stack.name, await stack.sources());
    } catch (thrown) {
      this.#sources.set(stack.name, unknownSources);
      this.#options.log(`stack ${stack.name}: its state cannot be read: ${asError(thrown).message}`);
    }
  }
}
