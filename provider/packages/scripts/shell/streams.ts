import type { Spend } from "../script-work.js";
import { ShellInput } from "./input.js";

/** What a command reads, and what the commands of a script have printed so far: once a part is not known, the whole is not. */
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

  /** Keeps apart what is printed meanwhile. */
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

  /** Work that reads something else. */
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
