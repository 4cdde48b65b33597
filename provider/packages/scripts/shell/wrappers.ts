import type { ScriptHost } from "../script-host.js";

export type Unwrapped =
  /** `ends`: the shell ends with them. */
  | { readonly kind: "commands"; readonly commands: readonly (readonly string[])[]; readonly ends?: boolean }
  /** `sourced`: in this shell, but `return` ends it. `args`: its parameters; absent to keep the current ones. */
  | { readonly kind: "text"; readonly text: string; readonly shell: "same" | "sourced" | "own"; readonly args?: readonly string[] };

/** Commands whose arguments are commands, and programs that are shell scripts; undefined for any other. */
export function unwrapCommand(name: string, args: readonly string[], input: string | undefined, host: ScriptHost): Unwrapped | undefined {
  const [first = "", ...rest] = args;
  switch (name) {
    case "eval":
      return { kind: "text", text: args.join(" "), shell: "same" };
    case ".":
    case "source": {
      const text = /\/confmodule$/.test(first) ? undefined : host.readFile(first);
      return text === undefined ? undefined : { kind: "text", text, shell: "sourced", ...(rest.length > 0 ? { args: rest } : {}) };
    }
    case "exec":
    case "command":
      return first === "" || first.startsWith("-") ? undefined : { kind: "commands", commands: [args], ends: name === "exec" };
    case "env": {
      const at = args.findIndex((arg) => !/^[A-Za-z_][A-Za-z0-9_]*=|^-i$/.test(arg));
      return at < 0 ? undefined : { kind: "commands", commands: [args.slice(at)] };
    }
    case "xargs":
      return unwrapXargs(args, input);
    case "sh":
    case "bash":
    case "dash":
    case "/bin/sh":
    case "/bin/bash": {
      const words = args.filter((arg) => !/^-[exu]+$/.test(arg));
      if (words[0] === "-c") return { kind: "text", text: words[1] ?? "", shell: "own", args: words.slice(3) };
      const text = words[0]?.startsWith("/") === true ? host.script(words[0]) : undefined;
      return text === undefined ? undefined : { kind: "text", text, shell: "own", args: words.slice(1) };
    }
  }
  const text = host.command(name) === undefined ? host.script(name) : undefined;
  return text === undefined ? undefined : { kind: "text", text, shell: "own", args };
}

function unwrapXargs(args: readonly string[], input: string | undefined): Unwrapped | undefined {
  const at = args.findIndex((arg) => !/^-(?:0|r|0r|r0|-null|-no-run-if-empty)$/.test(arg));
  if (at < 0 || args[at]?.startsWith("-") === true || input === undefined) return undefined;
  const endsInNul = args.slice(0, at).some((arg) => /0|null/.test(arg));
  const items = (endsInNul ? input.split("\0") : input.split(/\s+/)).filter((item) => item !== "");
  return { kind: "commands", commands: items.length === 0 ? [] : [[...args.slice(at), ...items]] };
}
