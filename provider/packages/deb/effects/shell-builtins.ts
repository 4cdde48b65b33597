import type { CommandResult, ScriptHost } from "./script-host.js";
import type { ShellExpansion, ShellVariables } from "./shell-expansion.js";
import type { ShellWord } from "./shell-syntax.js";

/** Leaves a turn of a loop, a loop, a function or the whole script. */
export class Leave extends Error {
  readonly what: "exit" | "return" | "break" | "continue";
  readonly status: number;

  constructor(what: "exit" | "return" | "break" | "continue", status: number) {
    super(what);
    this.what = what;
    this.status = status;
  }
}

/** `local`, `export` and `readonly`, whose values are not split. False for any other command. */
export function declareVariables([first, ...others]: readonly ShellWord[], expansion: ShellExpansion): boolean {
  const name = first === undefined ? undefined : expansion.text(first);
  if (name !== "local" && name !== "export" && name !== "readonly") return false;
  for (const [head, ...rest] of others) {
    const [whole, variable] = head?.kind === "text" ? (/^([A-Za-z_][A-Za-z0-9_]*)=/.exec(head.text) ?? []) : [];
    if (head?.kind !== "text" || whole === undefined || variable === undefined) continue;
    expansion.variables.set(variable, expansion.text([{ ...head, text: head.text.slice(whole.length) }, ...rest]));
  }
  return true;
}

/** Commands of the shell itself that change its own state; undefined for any other. Throws `Leave`. */
export function runBuiltin(name: string, args: readonly string[], variables: ShellVariables, host: ScriptHost): CommandResult | undefined {
  switch (name) {
    case "exit":
    case "return":
      throw new Leave(name, Number(args[0] ?? 0));
    case "break":
    case "continue":
      throw new Leave(name, 0);
    case "shift":
      variables.parameters = variables.parameters.slice(Number(args[0] ?? 1));
      return { status: 0 };
    case "set": {
      const at = args.indexOf("--");
      if (at >= 0) variables.parameters = args.slice(at + 1);
      return { status: 0 };
    }
    case "unset":
      for (const variable of args) if (!variable.startsWith("-")) variables.set(variable, "");
      return { status: 0 };
    case "read":
      for (const variable of args) if (!variable.startsWith("-")) variables.set(variable, undefined);
      return { status: undefined };
    case "db_get": {
      const result = host.command(name)?.(args) ?? { status: undefined, output: undefined };
      variables.set("RET", result.output);
      return { status: result.status };
    }
    default:
      return undefined;
  }
}
