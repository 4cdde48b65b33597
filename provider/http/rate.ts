/** The least that must come of an answer in a time of waiting for it. */
export interface SlowestRate {
  readonly bytes: number;
  /** Of waiting alone: what a reader does between two chunks does not count. */
  readonly milliseconds: number;
}

/** One KiB a second, over a minute: no network is slower, and a server that drips would hold an operation up for days. */
export const SLOWEST: SlowestRate = { bytes: 60 * 1024, milliseconds: 60_000 };

/** Watches one answer come. */
export class RateGuard {
  readonly #slowest: SlowestRate;
  #bytes = 0;
  #waited = 0;

  constructor(slowest: SlowestRate = SLOWEST) {
    this.#slowest = slowest;
  }

  /** For each chunk, with the milliseconds that it was waited for. Throws an `Error` that says how slowly it came. */
  came(bytes: number, waited: number): void {
    this.#bytes += bytes;
    this.#waited += waited;
    if (this.#waited < this.#slowest.milliseconds) return;
    if (this.#bytes < this.#slowest.bytes) {
      throw new Error(`the answer came too slowly (${this.#bytes} bytes in ${(this.#waited / 1000).toFixed(1)} s)`);
    }
    this.#bytes = this.#waited = 0;
  }
}
