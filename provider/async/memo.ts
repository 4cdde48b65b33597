/** Which outcomes are kept after the work has ended. A function decides for failures; successes are then kept as well. */
export type Keep = "all" | "successes" | "nothing" | ((failure: unknown) => boolean);

/** Results by key: work is started once for a key, and all calls with the same key share its outcome. */
export class Memo<T> {
  readonly #answers = new Map<string, Promise<T>>();
  readonly #keep: Keep;

  constructor(keep: Keep = "successes") {
    this.#keep = keep;
  }

  run(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = work();
    this.set(key, answer);
    return answer;
  }

  get(key: string): Promise<T> | undefined {
    return this.#answers.get(key);
  }

  /** Sets a result that was obtained in another way. */
  set(key: string, answer: Promise<T>): void {
    const forget = (): void => {
      this.delete(key, answer);
    };
    this.#answers.set(key, answer);
    answer.then(this.#keep === "nothing" ? forget : undefined, (failure: unknown) => {
      if (!this.#keeps(failure)) forget();
    });
  }

  /** Makes the next call start again. With `answer`: only if that is still the current one. */
  delete(key: string, answer?: Promise<T>): void {
    if (answer === undefined || this.#answers.get(key) === answer) this.#answers.delete(key);
  }

  /** A snapshot. */
  entries(): readonly (readonly [string, Promise<T>])[] {
    return [...this.#answers];
  }

  #keeps(failure: unknown): boolean {
    return typeof this.#keep === "function" ? this.#keep(failure) : this.#keep === "all";
  }
}

/** Work that is started on the first call, and once. */
export function once<T>(work: () => Promise<T>, keep?: Keep): () => Promise<T> {
  const memo = new Memo<T>(keep);
  return () => memo.run("", work);
}
