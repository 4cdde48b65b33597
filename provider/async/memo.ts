/** Which outcomes are remembered after the work has ended. A function says it of failures; successes are then remembered as well. */
export type Keep = "all" | "successes" | "nothing" | ((failure: unknown) => boolean);

/** Answers by key: work is begun once for a key, and whoever asks for the same key gets the same outcome. */
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

  /** What was found out in another way. */
  set(key: string, answer: Promise<T>): void {
    const forget = (): void => {
      this.delete(key, answer);
    };
    this.#answers.set(key, answer);
    answer.then(this.#keep === "nothing" ? forget : undefined, (failure: unknown) => {
      if (!this.#keeps(failure)) forget();
    });
  }

  /** Whoever asks next begins again. With `answer` only where nobody has begun again meanwhile. */
  delete(key: string, answer?: Promise<T>): void {
    if (answer === undefined || this.#answers.get(key) === answer) this.#answers.delete(key);
  }

  /** As they are now. */
  entries(): readonly (readonly [string, Promise<T>])[] {
    return [...this.#answers];
  }

  #keeps(failure: unknown): boolean {
    return typeof this.#keep === "function" ? this.#keep(failure) : this.#keep === "all";
  }
}

/** Work that is begun when it is first asked for, and once. */
export function once<T>(work: () => Promise<T>, keep?: Keep): () => Promise<T> {
  const memo = new Memo<T>(keep);
  return () => memo.run("", work);
}
