import type { ScriptHost } from "../script-host.js";
import type { ShellExpansion } from "./expansion.js";
import type { Spend } from "../script-work.js";
import { commandsIn, type Redirection, type ShellCommand, type ShellList, type ShellWord } from "./syntax.js";

const leaving: ReadonlySet<string> = new Set(["exit", "return", "break", "continue"]);

export interface SkipContext {
  readonly host: ScriptHost;
  readonly expansion: ShellExpansion;
  readonly functions: ReadonlyMap<string, ShellCommand>;
  readonly spend: Spend;
}

/**
 * Skips commands that may or may not be reached: variables that they set become unknown, what they do is reported to the
 * host. `seen`: functions that were skipped already.
 */
export function skipCommands(context: SkipContext, list: ShellList, seen = new Set<string>()): void {
  const { host, expansion, functions, spend } = context;
  for (const { assignments, words, redirections } of commandsIn(list)) {
    spend(10 + words.length);
    const path = outputFile(redirections);
    const file = path === undefined ? undefined : (expansion.text(path) ?? "a file");
    if (file !== undefined && file !== "/dev/null") host.unread(`writing ${file}`);
    if (words.length === 0) for (const [name] of assignments) expansion.variables.set(name, undefined);
    const known = words.map((word) => expansion.text(word) ?? textOf(word));
    const [first, ...args] = known;
    if (first === undefined || leaving.has(first) || host.isHarmless(known)) continue;
    // Removing missing files has no effect.
    const gone = (text: string): boolean => text.startsWith("-") || !(text.startsWith("$") || host.isThere(text));
    if (first === "rm" && args.every(gone)) continue;
    const body = functions.get(first);
    if (body === undefined) host.unread(first);
    else if (!seen.has(first)) skipCommands(context, [body], seen.add(first));
  }
}

/** Skips one command; `name` and `args`: as far as they are known. */
export function skipCall(context: SkipContext, name: string | undefined, args: readonly string[] = []): void {
  const { host, functions } = context;
  const body = name === undefined ? undefined : functions.get(name);
  if (body !== undefined) skipCommands(context, [body]);
  else if (name === undefined || !host.isHarmless([name, ...args])) host.unread([name ?? "a command", ...args].join(" "));
}

/** Whether skipped commands may end the function or the script; failing exits are ignored: the package would not have been installed. */
export function findLeave(list: ShellList, expansion: ShellExpansion): "return" | "exit" | undefined {
  let found: "return" | undefined;
  for (const { words } of commandsIn(list)) {
    const [name, status] = words.map((word) => expansion.text(word));
    if (name === "return") found = name;
    if (name === "exit" && (words.length === 1 || status === "0")) return name;
  }
  return found;
}

/** The file that standard output is redirected to. */
export function outputFile(redirections: readonly Redirection[]): ShellWord | undefined {
  return redirections.find(({ operator, descriptor }) => /^>[>|]?$/.test(operator) && (descriptor ?? 1) === 1)?.target;
}

/** A word for display, with variables by name. */
function textOf(word: ShellWord): string {
  return word.map((part) => (part.kind === "text" ? part.text : part.kind === "variable" ? `$${part.name}` : "$(…)")).join("");
}
