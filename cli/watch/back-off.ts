/** How long a stack waits after failures, in milliseconds. */
export interface BackOff {
  /** After the first failure; doubled for each further one. */
  readonly first: number;
  readonly longest: number;
}

/** Milliseconds to wait after so many failures in a row. */
export function backOffDelay({ first, longest }: BackOff, failures: number): number {
  return failures === 0 ? 0 : Math.min(longest, first * 2 ** (failures - 1));
}
