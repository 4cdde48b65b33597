import type { Spend } from "../script-work.js";
import { ShellInput } from "./input.js";

/** The input of commands and the output of a script so far: once a part is unknown, the whole is. */
export class ShellStreams {
  readonly #spend: Spend;
  #input = new ShellInput(undefined);
  #text: string | undefined = "";

  constructor(spend: Spend) {
    this.#spend = spend;
  }

  print(text: string | undefined): void {
    this.#spend(text?.length ?? 0);
    this.#text = text === undefined || this.#text === undefined ? undefined : this.#text + text;
  }

  /** Captures what is printed by `work`. */
  capture<T>(work: () => T): { readonly result: T; readonly text: string | undefined } {
    const outer = this.#text;
    this.#text = "";
    try {
      const result = work();
      return { result, text: this.#text };
    } finally {
      this.#text = outer;
    }
  }

  get input(): ShellInput {
    return this.#input;
  }

  /** Does `work` with another input. */
  reading<T>(input: ShellInput, work: () => T): T {
    const outer = this.#input;
    this.#input = input;
    try {
      return work();
    } finally {
      this.#input = outer;
    }
  }
}
