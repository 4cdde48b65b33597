/** Requests to one host at a time, as in browsers and apt's pipeline. */
const PER_HOST = 8;

/** Runs at most eight pieces of work per host; the others wait in order. */
export class HostLimits {
  readonly #hosts = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  async run<T>(host: string, work: () => Promise<T>): Promise<T> {
    const state = this.#hosts.get(host) ?? { running: 0, waiting: [] };
    this.#hosts.set(host, state);
    if (state.running >= PER_HOST) await new Promise<void>((resolve) => state.waiting.push(resolve));
    else state.running += 1;
    try {
      return await work();
    } finally {
      // The slot passes to the next in line without being free in between.
      const next = state.waiting.shift();
      if (next === undefined) state.running -= 1;
      else next();
    }
  }
}

/** Deduplicates work by key: callers with the same key share one outcome, a failure only while the work is running. */
export class Once<T> {
  readonly #known = new Map<string, Promise<T>>();
  readonly #keep: boolean;

  /** `keep`: successes are remembered. */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  run(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const running = work();
    this.#known.set(key, running);
    const forget = (): void => void this.#known.delete(key);
    running.then(this.#keep ? () => undefined : forget, forget);
    return running;
  }
}
