/** A signal that aborts `milliseconds` after `signal` does, for the reason of `signal`. The wait does not keep the process alive. */
export function delayAbort(signal: AbortSignal | undefined, milliseconds: number): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const later = new AbortController();
  const start = (): void => {
    setTimeout(() => {
      later.abort(signal.reason);
    }, milliseconds).unref();
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return later.signal;
}
