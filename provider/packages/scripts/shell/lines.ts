import type { Redirection, ShellWord } from "./syntax.js";
import { Cursor, readExpanded, readWord } from "./words.js";

interface Waiting {
  readonly end: string;
  readonly tabs: boolean;
  readonly quoted: boolean;
  readonly fill: (text: ShellWord) => void;
}

/** A script's text between its words: blanks, comments, line ends with the here-documents after them, redirections. */
export class ShellLines {
  readonly cursor: Cursor;
  #waiting: Waiting[] = [];

  constructor(text: string) {
    this.cursor = new Cursor(text);
  }

  redirections(): readonly Redirection[] {
    const redirections: Redirection[] = [];
    for (;;) {
      this.blanks();
      const redirection = this.redirection();
      if (redirection === undefined) return redirections;
      redirections.push(redirection);
    }
  }

  redirection(): Redirection | undefined {
    const [whole, descriptor, operator = ""] = this.cursor.match(/([0-9]*)(<<-?|>>|>\||[<>]&|[<>])/y) ?? [];
    if (whole === undefined) return undefined;
    this.blanks();
    const number = descriptor === undefined || descriptor === "" ? undefined : Number(descriptor);
    if (!operator.startsWith("<<")) return { operator, descriptor: number, target: readWord(this.cursor) };
    const start = this.cursor.at;
    const word = readWord(this.cursor);
    const end = word.map((part) => (part.kind === "text" ? part.text : "")).join("");
    const result: { operator: string; descriptor: number | undefined; target: ShellWord } = {
      operator: "<<",
      descriptor: number,
      target: [],
    };
    const quoted = /['"\\]/.test(this.cursor.text.slice(start, this.cursor.at));
    this.#waiting.push({ end, tabs: operator === "<<-", quoted, fill: (text) => (result.target = text) });
    return result;
  }

  blanks(): void {
    this.cursor.match(/[ \t\r]*(?:#[^\n]*)?/y);
  }

  /** Skips line ends, comments and the texts of here-documents. */
  skipLines(): void {
    for (;;) {
      this.blanks();
      if (this.cursor.take("\n")) this.#readDocuments();
      else if (this.cursor.startsWith(";") && !this.cursor.startsWith(";;")) this.cursor.at += 1;
      else return;
    }
  }

  #readDocuments(): void {
    for (const { end, tabs, quoted, fill } of this.#waiting) {
      const lines: string[] = [];
      for (;;) {
        if (this.cursor.done) throw this.cursor.wrong(`a here-document is not terminated by ${end}`);
        const raw = this.cursor.match(/[^\n]*\n?/y)?.[0] ?? "";
        const line = tabs ? raw.replace(/^\t+/, "") : raw;
        if (line.replace(/\n$/, "") === end) break;
        lines.push(line);
      }
      const text = lines.join("");
      fill(quoted ? [{ kind: "text", text, quoted: true }] : readExpanded(text));
    }
    this.#waiting = [];
  }

  /** The plain word at the cursor. */
  peek(): string {
    return /[^\s;&|<>()'"$`\\]+/y.exec(this.cursor.text.slice(this.cursor.at, this.cursor.at + 200))?.[0] ?? "";
  }

  expect(token: string): void {
    this.skipLines();
    if (!this.cursor.take(token)) throw this.cursor.wrong(`${token} is missing`);
  }
}
