import { posixPattern } from "../patterns/posix-patterns.js";
import type { CommandModel } from "../script-host.js";
import type { Spend } from "../script-work.js";

/** The text of a file; undefined when unknown, null when it does not exist. */
export type ReadText = (path: string) => string | undefined | null;

/** grep(1) on standard input or files, as far as its patterns are supported. */
export function grepCommand(variant: "grep" | "egrep" | "fgrep", read: ReadText, spend: Spend): CommandModel {
  return (args, input) => {
    const patterns: string[] = [];
    const words: string[] = [];
    let flags = variant === "egrep" ? "E" : variant === "fgrep" ? "F" : "";
    for (let at = 0; at < args.length; at += 1) {
      const arg = args[at] ?? "";
      if (arg === "-e" || arg === "--regexp") patterns.push(args[(at += 1)] ?? "");
      else if (longFlags[arg] !== undefined) flags += longFlags[arg];
      else if (arg === "--") {
        words.push(...args.slice(at + 1));
        break;
      } else if (/^-[a-zA-Z]+$/.test(arg)) flags += arg.slice(1);
      else if (arg.startsWith("--")) return undefined;
      else words.push(arg);
    }
    if (patterns.length === 0) patterns.push(words.shift() ?? "");
    if (/[^qsFEiIxvwcolhHa]/.test(flags)) return undefined;
    const only = flags.includes("x") ? "line" : flags.includes("w") ? "word" : undefined;
    const options = { extended: flags.includes("E"), fixed: flags.includes("F"), ignoreCase: flags.includes("i"), only } as const;
    const sources = patterns.flatMap((pattern) => pattern.split("\n"));
    spend(1000 * sources.length);
    const tests = sources.map((pattern) => posixPattern(pattern, options));
    if (tests.includes(undefined)) return { status: undefined, output: undefined };
    const texts = words.length === 0 ? [input] : words.map(read);
    if (texts.includes(undefined)) return { status: undefined, output: undefined };
    const known = texts.flatMap((text) => text ?? []);
    for (const text of known) for (const test of tests) spend(test?.cost(text) ?? 0);
    const matches = (line: string): boolean => tests.some((test) => test?.test(line) === true) !== flags.includes("v");
    const found = known.flatMap((text) => linesOf(text).filter(matches));
    const status = found.length > 0 ? 0 : known.length < texts.length ? 2 : 1;
    if (flags.includes("q")) return { status };
    if (flags.includes("c")) return { status, output: `${String(found.length)}\n` };
    if (/[lo]/.test(flags)) return { status, output: undefined };
    return { status, output: found.map((line) => `${line}\n`).join("") };
  };
}

const longFlags: Readonly<Record<string, string>> = {
  "--quiet": "q",
  "--silent": "q",
  "--no-messages": "s",
  "--extended-regexp": "E",
  "--fixed-strings": "F",
  "--ignore-case": "i",
  "--line-regexp": "x",
  "--word-regexp": "w",
  "--invert-match": "v",
  "--count": "c",
};

/** Without line ends; text after the last one is a line too. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
