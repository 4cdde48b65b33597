import { ShellLines } from "./lines.js";
import type { Redirection, ShellCommand, ShellList, ShellWord } from "./syntax.js";
import { readWord } from "./words.js";

/** Parses a whole script. Throws `DhiError` "invalid" with the line for unsupported syntax. */
export function parseShell(text: string): ShellList {
  const parser = new Parser(text.replace(/\\\n/g, ""));
  return parser.script();
}

const reserved = new Set(["then", "elif", "else", "fi", "do", "done", "esac", "}"]);

class Parser {
  readonly #lines: ShellLines;

  constructor(text: string) {
    this.#lines = new ShellLines(text);
  }

  script(): ShellList {
    const list = this.#list();
    if (!this.#lines.cursor.done)
      throw this.#lines.cursor.wrong(
        `${JSON.stringify(this.#lines.cursor.text.slice(this.#lines.cursor.at, this.#lines.cursor.at + 20))} is not expected here`,
      );
    return list;
  }

  /** Commands up to a word that closes the enclosing construct. */
  #list(): ShellList {
    const commands: ShellCommand[] = [];
    for (;;) {
      this.#lines.skipLines();
      if (
        this.#lines.cursor.done ||
        this.#lines.cursor.startsWith(")") ||
        this.#lines.cursor.startsWith(";;") ||
        reserved.has(this.#lines.peek())
      )
        return commands;
      commands.push(this.#chain());
      this.#lines.blanks();
      if (this.#lines.cursor.startsWith(";;")) return commands;
      if (!this.#lines.cursor.take(";")) this.#lines.cursor.match(/&(?!&)/y);
    }
  }

  #chain(): ShellCommand {
    const first = this.#pipeline();
    const rest: { operator: "&&" | "||"; command: ShellCommand }[] = [];
    for (;;) {
      this.#lines.blanks();
      const operator = this.#lines.cursor.take("&&") ? "&&" : this.#lines.cursor.take("||") ? "||" : undefined;
      if (operator === undefined) return rest.length === 0 ? first : { kind: "chain", first, rest };
      this.#lines.skipLines();
      rest.push({ operator, command: this.#pipeline() });
    }
  }

  #pipeline(): ShellCommand {
    this.#lines.blanks();
    const negated = this.#lines.cursor.match(/!(?=\s)/y) !== undefined;
    const commands = [this.#command()];
    for (;;) {
      this.#lines.blanks();
      if (this.#lines.cursor.startsWith("||") || !this.#lines.cursor.take("|")) break;
      this.#lines.skipLines();
      commands.push(this.#command());
    }
    const [only] = commands;
    return commands.length === 1 && only !== undefined && !negated ? only : { kind: "pipeline", commands, negated };
  }

  #command(): ShellCommand {
    return this.#lines.cursor.within(() => this.#readCommand());
  }

  #readCommand(): ShellCommand {
    this.#lines.blanks();
    const cursor = this.#lines.cursor;
    if (cursor.take("(")) {
      const body = this.#list();
      this.#lines.expect(")");
      return { kind: "group", body, subshell: true, redirections: this.#lines.redirections() };
    }
    const named = cursor.match(/(?:function\s+)?([A-Za-z_][A-Za-z0-9_-]*)[ \t]*\([ \t]*\)/y)?.[1];
    if (named !== undefined) {
      this.#lines.skipLines();
      return { kind: "function", name: named, body: this.#command() };
    }
    switch (this.#lines.peek()) {
      case "if":
        return this.#if();
      case "case":
        return this.#case();
      case "for":
        return this.#for();
      case "while":
      case "until": {
        const until = this.#lines.peek() === "until";
        cursor.at += 5;
        const condition = this.#list();
        return { kind: "loop", until, condition, body: this.#body(), redirections: this.#lines.redirections() };
      }
      case "{": {
        cursor.at += 1;
        const body = this.#list();
        this.#lines.expect("}");
        return { kind: "group", body, subshell: false, redirections: this.#lines.redirections() };
      }
      default:
        return this.#simple();
    }
  }

  #if(): ShellCommand {
    const branches: { condition: ShellList; body: ShellList }[] = [];
    let otherwise: ShellList = [];
    this.#lines.expect("if");
    for (;;) {
      const condition = this.#list();
      this.#lines.expect("then");
      branches.push({ condition, body: this.#list() });
      if (this.#lines.cursor.take("elif")) continue;
      if (this.#lines.cursor.take("else")) otherwise = this.#list();
      this.#lines.expect("fi");
      return { kind: "if", branches, otherwise, redirections: this.#lines.redirections() };
    }
  }

  #case(): ShellCommand {
    this.#lines.expect("case");
    this.#lines.blanks();
    const word = readWord(this.#lines.cursor);
    this.#lines.skipLines();
    this.#lines.expect("in");
    const arms: { patterns: ShellWord[]; body: ShellList }[] = [];
    for (;;) {
      this.#lines.skipLines();
      if (this.#lines.peek() === "esac") break;
      this.#lines.cursor.take("(");
      const patterns: ShellWord[] = [];
      do {
        this.#lines.blanks();
        patterns.push(readWord(this.#lines.cursor));
        this.#lines.blanks();
      } while (this.#lines.cursor.take("|"));
      this.#lines.expect(")");
      arms.push({ patterns, body: this.#list() });
      this.#lines.cursor.match(/;[;&]/y);
    }
    this.#lines.expect("esac");
    return { kind: "case", word, arms, redirections: this.#lines.redirections() };
  }

  #for(): ShellCommand {
    this.#lines.expect("for");
    this.#lines.blanks();
    const name = this.#lines.cursor.match(/[A-Za-z_][A-Za-z0-9_]*/y)?.[0];
    if (name === undefined) throw this.#lines.cursor.wrong("for has no name");
    this.#lines.skipLines();
    let words: ShellWord[] | undefined;
    if (this.#lines.peek() === "in") {
      this.#lines.expect("in");
      words = [];
      this.#lines.blanks();
      while (!/[;\n&|]/.test(this.#lines.cursor.text[this.#lines.cursor.at] ?? "\n")) {
        const word = readWord(this.#lines.cursor);
        if (word.length === 0) throw this.#lines.cursor.wrong("a word of for is not understood");
        words.push(word);
        this.#lines.blanks();
      }
    }
    this.#lines.cursor.match(/[ \t]*;/y);
    this.#lines.skipLines();
    return { kind: "for", name, words, body: this.#body(), redirections: this.#lines.redirections() };
  }

  #body(): ShellList {
    this.#lines.expect("do");
    const body = this.#list();
    this.#lines.expect("done");
    return body;
  }

  #simple(): ShellCommand {
    const assignments: (readonly [string, ShellWord])[] = [];
    const words: ShellWord[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      this.#lines.blanks();
      const redirection = this.#lines.redirection();
      if (redirection !== undefined) {
        redirections.push(redirection);
        continue;
      }
      const name = words.length === 0 ? this.#lines.cursor.match(/([A-Za-z_][A-Za-z0-9_]*)=/y)?.[1] : undefined;
      const word = readWord(this.#lines.cursor);
      if (name !== undefined) assignments.push([name, word]);
      else if (word.length > 0) words.push(word);
      else break;
    }
    // A bash array or process substitution, not a subshell.
    if (this.#lines.cursor.startsWith("(")) throw this.#lines.cursor.wrong('"(" is not understood here');
    if (assignments.length + words.length + redirections.length === 0) {
      throw this.#lines.cursor.wrong(
        `${JSON.stringify(this.#lines.cursor.text.slice(this.#lines.cursor.at, this.#lines.cursor.at + 20))} is not understood`,
      );
    }
    return { kind: "simple", assignments, words, redirections };
  }
}
