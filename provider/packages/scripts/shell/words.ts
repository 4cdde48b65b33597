import { DhiError } from "../../../errors.js";
import type { ShellWord, WordPart } from "./syntax.js";

/** Nesting depth of commands and braced words. */
export const MAX_DEPTH = 100;

/** A parser's position in its text. */
export class Cursor {
  readonly text: string;
  at = 0;
  #nested = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  startsWith(token: string): boolean {
    return this.text.startsWith(token, this.at);
  }

  take(token: string): boolean {
    if (!this.startsWith(token)) return false;
    this.at += token.length;
    return true;
  }

  /** Consumes and returns what `pattern` (sticky) matches here. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text) ?? undefined;
    if (found !== undefined) this.at += found[0].length;
    return found;
  }

  /** Reads a nested construct. Throws `DhiError` "invalid" beyond `MAX_DEPTH`. */
  within<T>(read: () => T): T {
    if (this.#nested >= MAX_DEPTH) throw this.wrong(`is nested deeper than ${MAX_DEPTH} levels`);
    this.#nested += 1;
    try {
      return read();
    } finally {
      this.#nested -= 1;
    }
  }

  wrong(what: string): DhiError {
    const line = this.text.slice(0, this.at).split("\n").length;
    return new DhiError("invalid", `line ${line}: ${what}`);
  }
}

const plainText = /[^\s'"\\$`;&|<>(){}]+|[{}](?![\s;&|()]|$)/y;
/** Within `${x:-…}`, where spaces and brackets are literal. */
const operandText = /[^'"\\$`}]+/y;
const braced = /\$\{([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])(?:(:?[-=?+]|##?|%%?)|\})/y;
const plainVariable = /\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/y;

/** The word that starts here; empty if there is none. */
export function readWord(cursor: Cursor, braces = false): ShellWord {
  const parts: WordPart[] = [];
  while (!cursor.done) {
    if (cursor.take("'")) {
      const end = cursor.text.indexOf("'", cursor.at);
      if (end < 0) throw cursor.wrong("a quote is not closed");
      parts.push({ kind: "text", text: cursor.text.slice(cursor.at, end), quoted: true });
      cursor.at = end + 1;
    } else if (cursor.take('"')) {
      parts.push({ kind: "text", text: "", quoted: true });
      readQuoted(cursor, parts, '"');
    } else if (cursor.take("\\")) {
      if (!cursor.take("\n")) parts.push({ kind: "text", text: cursor.text[cursor.at++] ?? "", quoted: true });
    } else if (cursor.startsWith("$") || cursor.startsWith("`")) parts.push(readDollar(cursor, false));
    else {
      const found =
        cursor.match(braces ? operandText : plainText)?.[0] ?? (braces || parts.length === 0 ? undefined : cursor.match(/[{}]/y)?.[0]);
      if (found === undefined) break;
      parts.push({ kind: "text", text: found, quoted: false });
    }
  }
  return parts;
}

/** Text in double quotes, or of a here-document, up to `end`. */
export function readQuoted(cursor: Cursor, parts: WordPart[], end: string): void {
  while (!cursor.take(end)) {
    if (cursor.done) {
      if (end === "") return;
      throw cursor.wrong("a quote is not closed");
    }
    const escaped = cursor.match(/\\([$`"\\\n])/y)?.[1];
    if (escaped !== undefined) parts.push({ kind: "text", text: escaped === "\n" ? "" : escaped, quoted: true });
    else if (cursor.startsWith("$") || cursor.startsWith("`")) parts.push(readDollar(cursor, true));
    else parts.push({ kind: "text", text: cursor.match(/[^"$`\\]+|[\s\S]/y)?.[0] ?? "", quoted: true });
  }
}

/** The text of a here-document whose delimiter is not quoted. */
export function readExpanded(text: string): ShellWord {
  const cursor = new Cursor(text);
  const parts: WordPart[] = [];
  while (!cursor.done) {
    const escaped = cursor.match(/\\([$`\\\n])/y)?.[1];
    if (escaped !== undefined) parts.push({ kind: "text", text: escaped === "\n" ? "" : escaped, quoted: true });
    else if (cursor.startsWith("$") || cursor.startsWith("`")) parts.push(readDollar(cursor, true));
    else parts.push({ kind: "text", text: cursor.match(/[^$`\\]+|[\s\S]/y)?.[0] ?? "", quoted: true });
  }
  return parts;
}

function readDollar(cursor: Cursor, quoted: boolean): WordPart {
  if (cursor.take("`")) {
    const [, source = ""] = cursor.match(/((?:[^`\\]|\\[\s\S])*)`/y) ?? [];
    return { kind: "command", source: source.replace(/\\([`$\\])/g, "$1"), quoted };
  }
  if (cursor.take("$((")) {
    const start = cursor.at;
    skipBalanced(cursor, 2);
    return { kind: "arithmetic", source: cursor.text.slice(start, cursor.at - 2), quoted };
  }
  if (cursor.take("$(")) {
    const start = cursor.at;
    skipBalanced(cursor, 1);
    return { kind: "command", source: cursor.text.slice(start, cursor.at - 1), quoted };
  }
  const length = cursor.match(/\$\{#([A-Za-z_][A-Za-z0-9_]*)\}/y)?.[1];
  if (length !== undefined) return { kind: "variable", name: length, operator: "length", quoted };
  if (cursor.startsWith("${#") && !cursor.startsWith("${#}")) {
    skipBraces(cursor);
    return { kind: "unknown" };
  }
  const [whole, name, operator] = cursor.match(braced) ?? [];
  if (whole !== undefined && name !== undefined) {
    if (operator === undefined) return { kind: "variable", name, quoted };
    return { kind: "variable", name, operator, operand: readOperand(cursor), quoted };
  }
  if (cursor.startsWith("${")) {
    skipBraces(cursor);
    return { kind: "unknown" };
  }
  const simple = cursor.match(plainVariable)?.[1];
  if (simple !== undefined) return { kind: "variable", name: simple, quoted };
  cursor.at += 1;
  return { kind: "text", text: "$", quoted };
}

function readOperand(cursor: Cursor): ShellWord {
  const word = cursor.within(() => readWord(cursor, true));
  if (!cursor.take("}")) throw cursor.wrong("${ is not closed");
  return word;
}

function skipBraces(cursor: Cursor): void {
  if (cursor.match(/\$\{[^}]*\}/y) === undefined) throw cursor.wrong("${ is not closed");
}

/** Skips past the bracket that closes the open ones, respecting quotes and comments. */
function skipBalanced(cursor: Cursor, depth: number): void {
  let open = depth;
  while (open > 0) {
    if (cursor.done) throw cursor.wrong("a bracket is not closed");
    if (cursor.match(/'[^']*'|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|[^()'"\\]+/y) !== undefined) continue;
    if (cursor.startsWith("(")) open += 1;
    else if (cursor.startsWith(")")) open -= 1;
    cursor.at += 1;
  }
}
