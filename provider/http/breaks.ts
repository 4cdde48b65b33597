/** Breaks that end a download when less than `PROGRESS` came between them. */
const BREAKS = 4;

/** Bytes after which a download counts as going on: a byte for each connection would go on for ever. */
const PROGRESS = 64 * 1024;

/** Counts how often a download broke that is gone on with by `Range`. */
export class Breaks {
  #count = 0;
  #progress = 0;

  came(bytes: number): void {
    this.#progress += bytes;
    if (this.#progress < PROGRESS) return;
    this.#progress = 0;
    this.#count = 0;
  }

  /** One more; true when it was the last that is borne. */
  broke(): boolean {
    this.#count += 1;
    return this.#count >= BREAKS;
  }

  /** Since the download last went on. */
  get count(): number {
    return this.#count;
  }
}
