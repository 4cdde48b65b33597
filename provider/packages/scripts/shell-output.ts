/** What the commands of a script have printed so far; once a part is not known, the whole is not. */
export class ShellOutput {
  #text: string | undefined = "";

  print(text: string | undefined): void {
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
}
