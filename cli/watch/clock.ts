/** Time, which tests put in place of the machine's. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `action` after some milliseconds, unless the returned function is called before. */
  after(milliseconds: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};
