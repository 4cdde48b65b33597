import { fromTarName } from "../../../rootfs/tree/raw-path.js";
import type { CommandModel } from "../../scripts/script-host.js";
import type { RootEditor } from "../../root/root-editor.js";

interface Substitution {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** sed(1) as maintainer scripts use it to set a line of a configuration file: `sed [-i] -E -e s/…/…/ file`. Anything else is not understood. */
export function streamEditor(editor: RootEditor): CommandModel {
  return (args) => {
    const options = readOptions(args);
    const [file, ...more] = options?.files ?? [];
    if (options === undefined || file?.startsWith("/") !== true || more.length > 0) return undefined;
    const path = fromTarName(file);
    const text = editor.text(path);
    const substitutions = options.scripts.map((script) => readSubstitution(script, options.extended));
    if (text === undefined || substitutions.includes(undefined)) return undefined;
    const end = text.endsWith("\n") || text === "" ? "" : "\n";
    const lines = `${text}${end}`.split("\n").slice(0, -1);
    const edited = lines.map((line) => substitutions.reduce((at, one) => (one === undefined ? at : substitute(at, one)), line));
    const output = edited.map((line) => `${line}\n`).join("");
    if (!options.inPlace) return { status: 0, output };
    editor.write(path, end === "" ? output : output.slice(0, -1));
    return { status: 0 };
  };
}

function readOptions(args: readonly string[]) {
  const scripts: string[] = [];
  const files: string[] = [];
  let extended = false;
  let inPlace = false;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    const [, letters] = /^-([Eri]*e?)$/.exec(arg) ?? [];
    if (arg.startsWith("-") && (letters === undefined || letters === "")) return undefined;
    if (letters === undefined) files.push(arg);
    else {
      extended ||= /[Er]/.test(letters);
      inPlace ||= letters.includes("i");
      if (letters.endsWith("e")) scripts.push(args[++at] ?? "");
    }
  }
  if (scripts.length === 0) scripts.push(files.shift() ?? "");
  return { scripts, files, extended, inPlace };
}

function readSubstitution(script: string, extended: boolean): Substitution | undefined {
  const [, delimiter = "", pattern = "", replacement = "", flags = ""] =
    /^s([/|,#@])((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([g]?)$/.exec(script) ?? [];
  // Special in only one kind of regular expression, or not in JavaScript's.
  const isPlain = extended ? !/\[\[|\\[^.*+?^$()[\]{}|/\\#,@-]/.test(pattern) : !/[+?(){}|\\]/.test(pattern);
  if (delimiter === "" || !isPlain) return undefined;
  return { pattern: new RegExp(pattern, flags), replacement };
}

/** `&` is the match, `\1` a group. */
function substitute(line: string, { pattern, replacement }: Substitution): string {
  return line.replace(pattern, (whole: string, ...groups: readonly unknown[]) =>
    replacement.replace(/\\([0-9])|\\([\s\S])|&/g, (all, digit?: string, character?: string) => {
      if (digit !== undefined)
        return digit === "0" ? whole : typeof groups[Number(digit) - 1] === "string" ? String(groups[Number(digit) - 1]) : "";
      return character ?? (all === "&" ? whole : all);
    }),
  );
}
