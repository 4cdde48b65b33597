import { wait } from "./wait.js";

/** The outcome of a try: its result, or its failure with the milliseconds to wait before the next try (undefined: do not retry). */
export type Outcome<T> = { readonly result: T } | { readonly failure: unknown; readonly delay: number | undefined };

export interface RetryOptions {
  /** Number of tries, including the first. */
  readonly tries: number;
  /** Ends the wait. One more try follows, which throws its own error about the cancellation. */
  readonly signal: AbortSignal | undefined;
}

/** Retries until there is a result. `attempt`: 1 is the first. Throws the failure of the last try. */
export async function retry<T>(
  { tries, signal }: RetryOptions,
  work: (attempt: number, isLast: boolean) => Promise<Outcome<T>>,
): Promise<T> {
  let last = tries;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await work(attempt, attempt >= last);
    if ("result" in outcome) return outcome.result;
    if (outcome.delay === undefined || attempt >= last) throw outcome.failure;
    await wait(outcome.delay, signal).catch(() => {
      last = attempt + 1;
    });
  }
}
