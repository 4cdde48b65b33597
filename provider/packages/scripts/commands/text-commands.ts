import { createHash } from "node:crypto";
import { fromTarName } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { grepCommand, linesOf, type ReadText } from "./grep.js";
import { parseOptions } from "./options.js";
import { posixPattern } from "../patterns/posix-patterns.js";
import { sedCommand } from "./sed.js";
import { unknown, type CommandModel } from "../script-host.js";
import type { Spend } from "../script-work.js";

/** Filters: commands that transform standard input, or files, to output. */
export function textCommands(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  const spend: Spend = (amount) => {
    editor.spend(amount);
  };
  const read: ReadText = (path) => {
    if (path === "/dev/null") return "";
    if (!path.startsWith("/") || /^\/(?:proc|sys)\//.test(path)) return undefined;
    const raw = fromTarName(path);
    return editor.node(raw) === undefined ? null : editor.text(raw);
  };
  /** `withValue`, `flags`: see `parseOptions`. */
  const filter =
    (
      withValue: readonly string[],
      flags: readonly string[],
      change: (lines: readonly string[], values: ReadonlyMap<string, string>) => readonly string[] | undefined,
    ): CommandModel =>
    (args, input) => {
      const options = parseOptions(args, withValue, flags);
      if (options === undefined) return unknown;
      const files = options.rest.filter((path) => path !== "-");
      const texts = files.length === 0 ? [input] : files.map(read);
      if (texts.includes(undefined)) return unknown;
      const lines = change(
        texts.flatMap((text) => linesOf(text ?? "")),
        options.values,
      );
      return lines === undefined ? unknown : { status: texts.includes(null) ? 1 : 0, output: lines.map((line) => `${line}\n`).join("") };
    };
  const count = (values: ReadonlyMap<string, string>): number => Number(values.get("n") ?? values.get("lines") ?? 10);
  const dashed =
    (model: CommandModel): CommandModel =>
    (args, input) =>
      model(
        args.flatMap((arg) => (/^-[0-9]+$/.test(arg) ? ["-n", arg.slice(1)] : [arg])),
        input,
      );

  const awk: CommandModel = (args, input) => {
    const options = parseOptions(args, ["F"], []);
    const [program = "", ...files] = options?.rest ?? [];
    const [, condition, action = ""] = /^(?:\/((?:[^/\\]|\\.)*)\/)?([\s\S]*)$/.exec(program.trim()) ?? [];
    const [, field] = /^ ?\{ ?print(?: \$([0-9]+|NF))? ?;? ?\} ?;?$/.exec(action.replace(/\s+/g, " ")) ?? [];
    const texts = files.length === 0 ? [input] : files.map(read);
    if (options === undefined || (condition === undefined && field === undefined) || texts.includes(undefined)) return unknown;
    const separator = options.values.get("F");
    const pattern = condition === undefined ? undefined : posixPattern(condition, { extended: true });
    if (condition !== undefined && pattern === undefined) return unknown;
    for (const text of texts) spend(pattern?.cost(text ?? "") ?? 0);
    const lines = texts.flatMap((text) => linesOf(text ?? "")).filter((line) => pattern?.test(line) !== false);
    const shown = lines.map((line) => {
      const parts = separator === undefined ? line.trim().split(/\s+/) : line.split(separator);
      if (field === undefined || field === "0") return line;
      return (field === "NF" ? parts.at(-1) : parts[Number(field) - 1]) ?? "";
    });
    return { status: 0, output: shown.map((line) => `${line}\n`).join("") };
  };

  const tr: CommandModel = (args, input) => {
    const [from = "", to = "", ...more] = args.filter((arg) => !/^-[dcs]+$/.test(arg));
    const flags = args.filter((arg) => /^-[dcs]+$/.test(arg)).join("");
    if (input === undefined || more.length > 0 || flags.includes("s") || /\[/.test(from)) return unknown;
    const set = (text: string): readonly string[] =>
      text
        .replace(/\\n/g, "\n")
        .replace(/\\t/g, "\t")
        .replace(/([a-zA-Z0-9])-([a-zA-Z0-9])/g, (_, first: string, last: string) => lettersBetween(first, last))
        .split("");
    const known = new Map<string, number>();
    for (const [at, letter] of set(from).entries()) if (!known.has(letter)) known.set(letter, at);
    const inSet = (letter: string): boolean => known.has(letter) !== flags.includes("c");
    if (flags.includes("d"))
      return {
        status: 0,
        output: input
          .split("")
          .filter((letter) => !inSet(letter))
          .join(""),
      };
    const target = set(to);
    const change = (letter: string): string =>
      inSet(letter) ? (target[Math.min(known.get(letter) ?? -1, target.length - 1)] ?? "") : letter;
    return flags !== "" ? unknown : { status: 0, output: input.split("").map(change).join("") };
  };

  const sum =
    (algorithm: "md5" | "sha256"): CommandModel =>
    (args, input) => {
      const files = args.filter((arg) => !arg.startsWith("-"));
      if (args.length > files.length) return unknown;
      const of = (text: string): string => createHash(algorithm).update(Buffer.from(text, "latin1")).digest("hex");
      const texts = files.map(read);
      if (texts.includes(undefined) || (files.length === 0 && input === undefined)) return unknown;
      const lines = files.flatMap((file, at) => (typeof texts[at] === "string" ? [`${of(texts[at])}  ${file}\n`] : []));
      return { status: texts.includes(null) ? 1 : 0, output: files.length === 0 ? `${of(input ?? "")}  -\n` : lines.join("") };
    };

  const cat: CommandModel = (args, input) => {
    const texts = args.length === 0 ? [input] : args.map((path) => (path === "-" ? input : read(path)));
    if (args.some((arg) => /^-./.test(arg)) || texts.includes(undefined)) return unknown;
    return { status: texts.includes(null) ? 1 : 0, output: texts.map((text) => text ?? "").join("") };
  };

  return {
    cat,
    grep: grepCommand("grep", read, spend),
    egrep: grepCommand("egrep", read, spend),
    fgrep: grepCommand("fgrep", read, spend),
    sed: sedCommand(editor, read),
    awk,
    tr,
    md5sum: sum("md5"),
    sha256sum: sum("sha256"),
    head: dashed(filter(["n", "lines"], ["q"], (lines, values) => (count(values) < 0 ? undefined : lines.slice(0, count(values))))),
    tail: dashed(
      filter(["n", "lines"], ["q"], (lines, values) => (Number.isNaN(count(values)) ? undefined : lines.slice(-Math.abs(count(values))))),
    ),
    sort: filter([], ["u", "r"], (lines, values) => {
      const sorted = [...(values.has("u") ? new Set(lines) : lines)].sort();
      return values.has("r") ? sorted.reverse() : sorted;
    }),
    uniq: filter([], [], (lines) => lines.filter((line, at) => line !== lines[at - 1])),
    wc: (args, input) =>
      args.join() === "-l" && input !== undefined
        ? {
            status: 0,
            output: `${String(linesOf(input).length)}
`,
          }
        : unknown,
    cut: filter(["d", "f", "delimiter", "fields", "c"], ["s"], (lines, values) => {
      const fields = values.get("f") ?? values.get("fields") ?? "";
      if (!/^[0-9]+$/.test(fields)) return undefined;
      const delimiter = values.get("d") ?? values.get("delimiter") ?? "\t";
      return lines.map((line) => (line.includes(delimiter) ? (line.split(delimiter)[Number(fields) - 1] ?? "") : line));
    }),
  };
}

function lettersBetween(first: string, last: string): string {
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
  return String.fromCharCode(...Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at));
}
