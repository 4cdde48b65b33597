/** Consecutive breaks, with less than `PROGRESS` received between them, that end a download. */
const BREAKS = 4;

/** Bytes that count as progress: a server that sends one byte a connection would otherwise keep a download alive for ever. */
const PROGRESS = 64 * 1024;

/** Counts how often a download, resumed by `Range`, breaks without progress. */
export class Breaks {
  #count = 0;
  #progress = 0;

  received(bytes: number): void {
    this.#progress += bytes;
    if (this.#progress < PROGRESS) return;
    this.#progress = 0;
    this.#count = 0;
  }

  /** Counts one more break; true when the download must be given up. */
  broke(): boolean {
    this.#count += 1;
    return this.#count >= BREAKS;
  }

  /** Breaks since the last progress. */
  get count(): number {
    return this.#count;
  }
}
