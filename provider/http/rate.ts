/** The slowest rate at which a response may arrive. */
export interface SlowestRate {
  readonly bytes: number;
  /** Of waiting only: time that the reader spends between two chunks does not count. */
  readonly milliseconds: number;
}

/** One KiB a second, over a minute: no network is slower, and a server that trickles bytes would hold an operation up for days. */
export const SLOWEST: SlowestRate = { bytes: 60 * 1024, milliseconds: 60_000 };

/** Measures the rate of one response. */
export class RateGuard {
  readonly #slowest: SlowestRate;
  #bytes = 0;
  #waited = 0;

  constructor(slowest: SlowestRate = SLOWEST) {
    this.#slowest = slowest;
  }

  /** To be called for each chunk, with the milliseconds spent waiting for it. Throws an `Error` with the rate when that is too slow. */
  received(bytes: number, waited: number): void {
    this.#bytes += bytes;
    this.#waited += waited;
    if (this.#waited < this.#slowest.milliseconds) return;
    if (this.#bytes < this.#slowest.bytes) {
      throw new Error(`the response was too slow (${this.#bytes} bytes in ${(this.#waited / 1000).toFixed(1)} s)`);
    }
    this.#bytes = this.#waited = 0;
  }
}
