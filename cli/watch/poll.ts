import type { Clock } from "./clock.js";

/** Calls `look` every `interval` milliseconds, or never when that is undefined. Returns what ends it. */
export function startPolling(clock: Clock, interval: number | undefined, look: () => void): () => void {
  if (interval === undefined) return () => undefined;
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = clock.after(interval, () => {
      look();
      next();
    });
  };
  next();
  return () => {
    cancel();
  };
}
