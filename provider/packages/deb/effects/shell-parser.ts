import type { Redirection, ShellCommand, ShellList, ShellWord } from "./shell-syntax.js";
import { Cursor, readExpanded, readWord } from "./shell-words.js";

/** Parses a whole script. Throws `DhiError` "invalid" with the line for what is not understood. */
export function parseShell(text: string): ShellList {
  const parser = new Parser(text.replace(/\\\n/g, ""));
  return parser.script();
}

interface Waiting {
  readonly end: string;
  readonly tabs: boolean;
  readonly quoted: boolean;
  readonly fill: (text: ShellWord) => void;
}

const reserved = new Set(["then", "elif", "else", "fi", "do", "done", "esac", "}"]);

class Parser {
  readonly #cursor: Cursor;
  #waiting: Waiting[] = [];

  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  script(): ShellList {
    const list = this.#list();
    if (!this.#cursor.done)
      throw this.#cursor.wrong(`${JSON.stringify(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 20))} is not expected`);
    return list;
  }

  /** Commands up to a word that ends what is open. */
  #list(): ShellList {
    const commands: ShellCommand[] = [];
    for (;;) {
      this.#skipLines();
      if (this.#cursor.done || this.#cursor.startsWith(")") || this.#cursor.startsWith(";;") || reserved.has(this.#peek())) return commands;
      commands.push(this.#chain());
      this.#blanks();
      if (this.#cursor.startsWith(";;")) return commands;
      if (!this.#cursor.take(";")) this.#cursor.match(/&(?!&)/y);
    }
  }

  #chain(): ShellCommand {
    const first = this.#pipeline();
    const rest: { operator: "&&" | "||"; command: ShellCommand }[] = [];
    for (;;) {
      this.#blanks();
      const operator = this.#cursor.take("&&") ? "&&" : this.#cursor.take("||") ? "||" : undefined;
      if (operator === undefined) return rest.length === 0 ? first : { kind: "chain", first, rest };
      this.#skipLines();
      rest.push({ operator, command: this.#pipeline() });
    }
  }

  #pipeline(): ShellCommand {
    this.#blanks();
    const negated = this.#cursor.match(/!(?=\s)/y) !== undefined;
    const commands = [this.#command()];
    for (;;) {
      this.#blanks();
      if (this.#cursor.startsWith("||") || !this.#cursor.take("|")) break;
      this.#skipLines();
      commands.push(this.#command());
    }
    const [only] = commands;
    return commands.length === 1 && only !== undefined && !negated ? only : { kind: "pipeline", commands, negated };
  }

  #command(): ShellCommand {
    this.#blanks();
    const cursor = this.#cursor;
    if (cursor.take("(")) {
      const body = this.#list();
      this.#expect(")");
      return { kind: "group", body, subshell: true, redirections: this.#redirections() };
    }
    const named = cursor.match(/(?:function\s+)?([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\([ \t]*\)/y)?.[1];
    if (named !== undefined) {
      this.#skipLines();
      return { kind: "function", name: named, body: this.#command() };
    }
    switch (this.#peek()) {
      case "if":
        return this.#if();
      case "case":
        return this.#case();
      case "for":
        return this.#for();
      case "while":
      case "until": {
        cursor.at += 5;
        const condition = this.#list();
        return { kind: "loop", condition, body: this.#body(), redirections: this.#redirections() };
      }
      case "{": {
        cursor.at += 1;
        const body = this.#list();
        this.#expect("}");
        return { kind: "group", body, subshell: false, redirections: this.#redirections() };
      }
      default:
        return this.#simple();
    }
  }

  #if(): ShellCommand {
    const branches: { condition: ShellList; body: ShellList }[] = [];
    let otherwise: ShellList = [];
    this.#expect("if");
    for (;;) {
      const condition = this.#list();
      this.#expect("then");
      branches.push({ condition, body: this.#list() });
      if (this.#cursor.take("elif")) continue;
      if (this.#cursor.take("else")) otherwise = this.#list();
      this.#expect("fi");
      return { kind: "if", branches, otherwise, redirections: this.#redirections() };
    }
  }

  #case(): ShellCommand {
    this.#expect("case");
    this.#blanks();
    const word = readWord(this.#cursor);
    this.#skipLines();
    this.#expect("in");
    const arms: { patterns: ShellWord[]; body: ShellList }[] = [];
    for (;;) {
      this.#skipLines();
      if (this.#peek() === "esac") break;
      this.#cursor.take("(");
      const patterns: ShellWord[] = [];
      do {
        this.#blanks();
        patterns.push(readWord(this.#cursor));
        this.#blanks();
      } while (this.#cursor.take("|"));
      this.#expect(")");
      arms.push({ patterns, body: this.#list() });
      this.#cursor.match(/;[;&]/y);
    }
    this.#expect("esac");
    return { kind: "case", word, arms, redirections: this.#redirections() };
  }

  #for(): ShellCommand {
    this.#expect("for");
    this.#blanks();
    const name = this.#cursor.match(/[A-Za-z_][A-Za-z0-9_]*/y)?.[0];
    if (name === undefined) throw this.#cursor.wrong("for has no name");
    this.#skipLines();
    let words: ShellWord[] | undefined;
    if (this.#peek() === "in") {
      this.#expect("in");
      words = [];
      for (this.#blanks(); !/[;\n&|]/.test(this.#cursor.text[this.#cursor.at] ?? "\n"); this.#blanks()) words.push(readWord(this.#cursor));
    }
    this.#cursor.match(/[ \t]*;/y);
    this.#skipLines();
    return { kind: "for", name, words, body: this.#body(), redirections: this.#redirections() };
  }

  #body(): ShellList {
    this.#expect("do");
    const body = this.#list();
    this.#expect("done");
    return body;
  }

  #simple(): ShellCommand {
    const assignments: (readonly [string, ShellWord])[] = [];
    const words: ShellWord[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      this.#blanks();
      const redirection = this.#redirection();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      const name = words.length === 0 ? this.#cursor.match(/([A-Za-z_][A-Za-z0-9_]*)=/y)?.[1] : undefined;
      const word = readWord(this.#cursor);
      if (name !== undefined) assignments.push([name, word]);
      else if (word.length > 0) words.push(word);
      else break;
    }
    if (assignments.length + words.length + redirections.length === 0) {
      throw this.#cursor.wrong(`${JSON.stringify(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 20))} is not understood`);
    }
    return { kind: "simple", assignments, words, redirections };
  }

  #redirections(): readonly Redirection[] {
    const redirections: Redirection[] = [];
    for (;;) {
      this.#blanks();
      const redirection = this.#redirection();
      if (redirection === undefined) return redirections;
      redirections.push(redirection);
    }
  }

  #redirection(): Redirection | undefined {
    const [whole, descriptor, operator = ""] = this.#cursor.match(/([0-9]*)(<<-?|>>|>\||[<>]&|[<>])/y) ?? [];
    if (whole === undefined) return undefined;
    this.#blanks();
    const number = descriptor === undefined || descriptor === "" ? undefined : Number(descriptor);
    if (!operator.startsWith("<<")) return { operator, descriptor: number, target: readWord(this.#cursor) };
    const start = this.#cursor.at;
    const word = readWord(this.#cursor);
    const end = word.map((part) => (part.kind === "text" ? part.text : "")).join("");
    const result: { operator: string; descriptor: number | undefined; target: ShellWord } = {
      operator: "<<",
      descriptor: number,
      target: [],
    };
    const quoted = /['"\\]/.test(this.#cursor.text.slice(start, this.#cursor.at));
    this.#waiting.push({ end, tabs: operator === "<<-", quoted, fill: (text) => (result.target = text) });
    return result;
  }

  #blanks(): void {
    this.#cursor.match(/[ \t\r]*(?:#[^\n]*)?/y);
  }

  /** Past lines, comments and the texts of here-documents. */
  #skipLines(): void {
    for (;;) {
      this.#blanks();
      if (this.#cursor.take("\n")) this.#readDocuments();
      else if (this.#cursor.startsWith(";") && !this.#cursor.startsWith(";;")) this.#cursor.at += 1;
      else return;
    }
  }

  #readDocuments(): void {
    for (const { end, tabs, quoted, fill } of this.#waiting) {
      const lines: string[] = [];
      for (;;) {
        if (this.#cursor.done) throw this.#cursor.wrong(`a here-document does not end with ${end}`);
        const raw = this.#cursor.match(/[^\n]*\n?/y)?.[0] ?? "";
        const line = tabs ? raw.replace(/^\t+/, "") : raw;
        if (line.replace(/\n$/, "") === end) break;
        lines.push(line);
      }
      const text = lines.join("");
      fill(quoted ? [{ kind: "text", text, quoted: true }] : readExpanded(text));
    }
    this.#waiting = [];
  }

  /** The plain word that stands here. */
  #peek(): string {
    return /[^\s;&|<>()'"$`\\]+/y.exec(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 200))?.[0] ?? "";
  }

  #expect(token: string): void {
    this.#skipLines();
    if (!this.#cursor.take(token)) throw this.#cursor.wrong(`${token} is missing`);
  }
}
