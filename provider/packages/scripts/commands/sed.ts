import { fromTarName } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { linesOf, type ReadText } from "./grep.js";
import type { Match, PosixPattern } from "../patterns/posix-patterns.js";
import { done, failed, unknown, type CommandModel } from "../script-host.js";
import type { Spend } from "../script-work.js";
import { parseSed, type SedAddress, type SedCommand } from "./sed-script.js";

/** sed(1): on standard input, on files, and in place. */
export function sedCommand(editor: RootEditor, read: ReadText): CommandModel {
  return (args, input) => {
    const scripts: string[] = [];
    const words: string[] = [];
    let [quiet, extended, inPlace] = [false, false, false];
    for (let at = 0; at < args.length; at += 1) {
      const arg = args[at] ?? "";
      const given = /^--expression=([\s\S]*)$/.exec(arg)?.[1];
      const [, flags, last] = /^-([nErsuz]*)([ei]?)$/.exec(arg) ?? [];
      if (given !== undefined) scripts.push(given);
      else if (arg === "--in-place") inPlace = true;
      else if (arg === "--quiet" || arg === "--silent") quiet = true;
      else if (arg === "--regexp-extended") extended = true;
      else if (flags !== undefined && arg !== "-") {
        if (flags.includes("z")) return undefined;
        quiet ||= flags.includes("n");
        extended ||= /[Er]/.test(flags);
        if (last === "e") scripts.push(args[(at += 1)] ?? "");
        if (last === "i") inPlace = true;
      } else if (/^-./.test(arg)) return undefined;
      else words.push(arg);
    }
    if (scripts.length === 0) scripts.push(words.shift() ?? "");
    const spend: Spend = (amount) => {
      editor.spend(amount);
    };
    spend(scripts.join("").length * 100);
    const commands = parseSed(scripts.join("\n"), extended);
    if (commands === undefined) return undefined;
    if (inPlace) {
      const files = words.map((path) => [fromTarName(path), read(path)] as const);
      if (files.some(([, text]) => text === undefined)) return undefined;
      for (const [path, text] of files) if (typeof text === "string") editor.write(path, edit(text, commands, quiet, spend));
      return files.some(([, text]) => text === null) ? failed : done;
    }
    const texts = words.length === 0 ? [input] : words.map(read);
    if (texts.includes(undefined)) return unknown;
    return { status: texts.includes(null) ? 2 : 0, output: edit(texts.map((text) => text ?? "").join(""), commands, quiet, spend) };
  };
}

function edit(text: string, commands: readonly SedCommand[], quiet: boolean, spend: Spend): string {
  const lines = linesOf(text);
  const open = new Set<SedCommand>();
  const output: string[] = [];
  for (const [index, first] of lines.entries()) {
    let line = first;
    let shown = !quiet;
    const after: string[] = [];
    const at = (address: SedAddress): boolean =>
      "line" in address ? address.line === index + 1 : "last" in address ? index === lines.length - 1 : matches(address.pattern);
    const matches = (pattern: PosixPattern): boolean => {
      spend(pattern.cost(line));
      return pattern.test(line);
    };
    let quits = false;
    for (const command of commands) {
      spend(1 + line.length + (command.text?.length ?? 0));
      if (selects(command, at, index, open) === command.not) continue;
      if (command.name === "d") {
        shown = false;
        break;
      }
      if (command.name === "p") output.push(line);
      else if (command.name === "q") quits = true;
      else if (command.name === "a") after.push(command.text ?? "");
      else if (command.name === "i") output.push(command.text ?? "");
      else if (command.name === "c") line = command.text ?? "";
      else if (command.pattern !== undefined) {
        const before = line;
        spend(command.pattern.cost(line));
        line = command.pattern.replace(before, command.all === true, (match) => {
          // Each further match may scan all that follows.
          spend(before.length);
          return replacement(command.text ?? "", match, spend);
        });
        if (command.prints === true && line !== before) output.push(line);
      }
      if (quits) break;
    }
    if (shown) output.push(line);
    output.push(...after);
    if (quits) break;
  }
  const whole = output.map((line) => `${line}\n`).join("");
  return text !== "" && !text.endsWith("\n") ? whole.replace(/\n$/, "") : whole;
}

/** Whether a command's addresses select a line; `open`: commands whose range has begun. */
function selects(command: SedCommand, at: (address: SedAddress) => boolean, index: number, open: Set<SedCommand>): boolean {
  const { from, to } = command;
  if (from === undefined) return true;
  if (to === undefined) return at(from);
  const ends = "line" in to ? index + 1 >= to.line : at(to);
  if (open.has(command)) {
    if (ends) open.delete(command);
    return true;
  }
  const zero = "line" in from && from.line === 0;
  if (zero ? index > 0 : !at(from)) return false;
  // `0,/x/` may end in the first line; any other range has at least two lines, unless it ends at a line number.
  if (!(zero && ends) && !("line" in to && ends)) open.add(command);
  return true;
}

function replacement(text: string, match: Match, spend: Spend): string {
  return text.replace(/\\([\s\S])|&/g, (_: string, escaped?: string) => {
    if (escaped === undefined || /[0-9]/.test(escaped)) {
      const group = match[Number(escaped ?? 0)] ?? "";
      spend(1 + group.length);
      return group;
    }
    return escaped === "n" ? "\n" : escaped === "t" ? "\t" : escaped;
  });
}
