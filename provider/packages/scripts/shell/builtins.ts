import type { CommandResult, ScriptHost } from "../script-host.js";
import type { ShellExpansion, ShellVariables } from "./expansion.js";
import type { ShellInput } from "./input.js";
import type { ShellWord } from "./syntax.js";

/** Leaves an iteration of a loop, a loop, a function or the whole script. */
export class Leave extends Error {
  readonly what: "exit" | "return" | "break" | "continue";
  /** For loops: how many more to leave. */
  readonly status: number | undefined;

  constructor(what: "exit" | "return" | "break" | "continue", status: number | undefined) {
    super(what);
    this.what = what;
    this.status = status;
  }
}

const declaring: ReadonlySet<string> = new Set(["local", "export", "readonly", "declare", "typeset"]);

/** `local`, `export` and the like, whose values are not split. False for any other command. */
export function declareVariables([first, ...others]: readonly ShellWord[], expansion: ShellExpansion): boolean {
  const name = first === undefined ? undefined : expansion.text(first);
  if (name === undefined || !declaring.has(name)) return false;
  for (const [head, ...rest] of others) {
    const [, variable, value] =
      head?.kind === "text" && !head.quoted ? (/^([A-Za-z_][A-Za-z0-9_]*)(=[\s\S]*)?$/.exec(head.text) ?? []) : [];
    if (head?.kind !== "text" || variable === undefined) continue;
    const text = value === undefined ? undefined : expansion.text([{ ...head, text: value.slice(1) }, ...rest]);
    if (name === "local") expansion.variables.keep(variable);
    if (value !== undefined) expansion.variables.set(variable, text);
  }
  return true;
}

/** Builtins that change the state of the shell; undefined for any other command. Throws `Leave`. */
export function runBuiltin(
  name: string,
  args: readonly string[],
  variables: ShellVariables,
  host: ScriptHost,
  input: ShellInput,
): CommandResult | undefined {
  switch (name) {
    case "exit":
    case "return": {
      const [last] = variables.get("?");
      const [status = last] = args;
      throw new Leave(name, status === undefined ? undefined : Number(status));
    }
    case "break":
    case "continue":
      throw new Leave(name, Number(args[0] ?? 1));
    case "shift":
      variables.parameters = variables.parameters.slice(Number(args[0] ?? 1));
      return { status: 0 };
    case "set": {
      const at = args.indexOf("--");
      if (at >= 0) variables.parameters = args.slice(at + 1);
      const [first = ""] = args;
      if (/^-\w*e/.test(first)) variables.set("-", "e");
      if (/^\+\w*e/.test(first)) variables.set("-", "");
      return { status: 0 };
    }
    case "unset":
      for (const variable of args) if (!variable.startsWith("-")) variables.unset(variable);
      return { status: 0 };
    case "read":
      return readLine(
        args.filter((arg) => !arg.startsWith("-")),
        variables,
        input,
      );
    case "getopts":
      return nextOption(args, variables);
    case "db_get": {
      const result = host.command(name)?.(args) ?? { status: undefined, output: undefined };
      variables.set("RET", result.output);
      return { status: result.status };
    }
    default:
      return undefined;
  }
}

function readLine(names: readonly string[], variables: ShellVariables, input: ShellInput): CommandResult {
  const line = input.line();
  if (line === undefined) {
    for (const name of names) variables.set(name, undefined);
    return { status: undefined };
  }
  let rest = (line ?? "").trim();
  names.forEach((name, at) => {
    const end = rest.search(/[ \t]/);
    const first = end < 0 ? rest : rest.slice(0, end);
    variables.set(name, at === names.length - 1 ? rest : first);
    rest = rest.slice(first.length).trimStart();
  });
  return { status: line === null ? 1 : 0 };
}

/** POSIX getopts, for single options and options with a value. */
function nextOption([letters = "", name = "", ...given]: readonly string[], variables: ShellVariables): CommandResult {
  const args = given.length > 0 ? given : variables.parameters;
  const [index = "1"] = variables.get("OPTIND");
  const [offset = "1"] = variables.get(" offset");
  const word = args[Number(index) - 1] ?? "";
  const at = Number(offset);
  if (!/^-./.test(word) || word === "--") {
    variables.set("OPTIND", String(Number(index) + (word === "--" ? 1 : 0)));
    variables.set(name, "?");
    return { status: 1 };
  }
  const letter = word[at] ?? "";
  const place = letters.replace(/^:/, "").indexOf(letter);
  const takes = place >= 0 && letters.replace(/^:/, "")[place + 1] === ":";
  const ends = takes || at + 1 >= word.length;
  const own = takes && at + 1 < word.length;
  if (takes) variables.set("OPTARG", own ? word.slice(at + 1) : args[Number(index)]);
  variables.set(name, place < 0 ? "?" : letter);
  variables.set("OPTIND", String(Number(index) + (ends ? (takes && !own ? 2 : 1) : 0)));
  variables.set(" offset", ends ? "1" : String(at + 1));
  return { status: 0 };
}
