import { posixPattern, type PosixPattern } from "../patterns/posix-patterns.js";

export type SedAddress = { readonly line: number } | { readonly last: true } | { readonly pattern: PosixPattern };

export interface SedCommand {
  readonly from?: SedAddress | undefined;
  readonly to?: SedAddress | undefined;
  readonly not: boolean;
  readonly name: "s" | "d" | "p" | "q" | "a" | "i" | "c";
  readonly pattern?: PosixPattern;
  /** For `s`: replace all matches instead of the first. */
  readonly all?: boolean;
  /** For `s` the replacement; for `a`, `i` and `c` the text. */
  readonly text?: string;
  readonly prints?: boolean;
}

/** A script of sed(1) as far as maintainer scripts need it; undefined if it is not supported. */
export function parseSed(script: string, extended: boolean): readonly SedCommand[] | undefined {
  const commands: SedCommand[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(script) ?? undefined;
    if (found !== undefined) at += found[0].length;
    return found;
  };
  const address = (): SedAddress | undefined | null => {
    const number = take(/[0-9]+/y)?.[0];
    if (number !== undefined) return { line: Number(number) };
    if (take(/\$/y) !== undefined) return { last: true };
    const delimiter = take(/\/|\\([^\n\\])/y);
    if (delimiter === undefined) return undefined;
    const text = until(delimiter[1] ?? "/");
    const ignoreCase = take(/I/y) !== undefined;
    const pattern = text === undefined ? undefined : posixPattern(text, { extended, ignoreCase });
    return pattern === undefined ? null : { pattern };
  };
  /** Up to a delimiter that is neither escaped nor in brackets. */
  const until = (delimiter: string): string | undefined => {
    let text = "";
    while (at < script.length) {
      const piece = script[at] ?? "";
      at += 1;
      if (piece === delimiter) return text;
      if (piece !== "\\") text += piece;
      else {
        const next = script[at] ?? "";
        at += 1;
        text += next === delimiter ? next : `\\${next}`;
      }
    }
    return undefined;
  };
  for (;;) {
    take(/[\s;]*/y);
    if (at >= script.length) return commands;
    const from = address();
    const to = from !== undefined && take(/\s*,\s*/y) !== undefined ? address() : undefined;
    if (from === null || to === null) return undefined;
    const not = take(/\s*!\s*/y) !== undefined;
    take(/\s*/y);
    const name = script[at];
    at += 1;
    if (name === "d" || name === "p" || name === "q") commands.push({ from, to, not, name });
    else if (name === "a" || name === "i" || name === "c") {
      const text = take(/\s*\\?\n?([^\n]*)/y)?.[1] ?? "";
      commands.push({ from, to, not, name, text });
    } else if (name === "s") {
      const delimiter = script[at] ?? "";
      at += 1;
      const source = until(delimiter);
      const text = until(delimiter);
      const flags = take(/[gpIie0-9]*/y)?.[0] ?? "";
      if (source === undefined || text === undefined || /[e0-9]/.test(flags)) return undefined;
      const pattern = posixPattern(source, { extended, ignoreCase: /[iI]/.test(flags) });
      if (pattern === undefined) return undefined;
      commands.push({ from, to, not, name, pattern, text, all: flags.includes("g"), prints: flags.includes("p") });
    } else return undefined;
    if (take(/[ \t]*(?:[;\n]|$|(?=\}))/y) === undefined) return undefined;
  }
}
