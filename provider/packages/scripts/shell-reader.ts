import { DhiError } from "../../errors.js";
import type { ScriptHost } from "./script-host.js";
import { declareVariables, Leave, runBuiltin } from "./shell-builtins.js";
import { ShellExpansion, ShellVariables } from "./shell-expansion.js";
import { ShellInput } from "./shell-input.js";
import { parseShell } from "./shell-parser.js";
import { ShellOutput } from "./shell-output.js";
import { followCase, followChain, followFor, followIf, followLoop, type ShellFlow, type Status } from "./shell-flow.js";
import { readRedirections } from "./shell-redirections.js";
import { findLeave, skipCommands, type SkipContext } from "./shell-skipping.js";
import type { Redirection, ShellCommand, ShellList } from "./shell-syntax.js";
import { unwrapCommand } from "./shell-wrappers.js";

type Simple = Extract<ShellCommand, { kind: "simple" }>;
const [deepest, longest] = [40, 100_000];

/**
 * Follows a maintainer script with its arguments, without running anything: commands with a model change the image through it, what
 * hangs on a condition that cannot be known is not followed, and each command that is not reproduced is told to the host.
 */
export class ShellReader {
  readonly #host: ScriptHost;
  readonly #variables: ShellVariables;
  readonly #expansion: ShellExpansion;
  readonly #functions = new Map<string, ShellCommand>();
  readonly #output = new ShellOutput();
  #input = new ShellInput(undefined);
  /** Set when nobody knows whether the function, or the script, goes on. */
  #doubt: "return" | "exit" | undefined;
  /** The statuses of substitutions since the command began. */
  #substituted: Status[] = [];
  /** Conditions that are open. */
  #tested = 0;
  readonly #flow: ShellFlow;
  #depth = 0;
  #steps = 0;

  constructor(host: ScriptHost, parameters: readonly string[], variables: Readonly<Record<string, string>>) {
    this.#host = host;
    this.#variables = new ShellVariables(parameters, variables);
    this.#expansion = new ShellExpansion(this.#variables, host, (source) => this.#substitute(source));
    this.#flow = {
      expansion: this.#expansion,
      command: (command) => this.#command(command),
      list: (list) => this.#list(list),
      test: (work) => this.#test(work),
      skip: (list) => {
        this.#skip(list);
      },
    };
  }

  /** Throws `DhiError` "invalid" for a script that is not understood. */
  read(text: string): void {
    if (/^#!\s*\S+\s+-\w*e/.test(text)) this.#variables.set("-", "e");
    try {
      this.#list(parseShell(text));
    } catch (thrown) {
      if (!(thrown instanceof Leave)) throw thrown;
      if (thrown.status !== 0 && thrown.status !== undefined) this.#host.unread(`what follows (it gives up with status ${thrown.status})`);
    }
  }

  #list(list: ShellList): Status {
    let status: Status = 0;
    for (const [at, command] of list.entries()) {
      if (this.#doubt !== undefined) {
        this.#skip(list.slice(at));
        return undefined;
      }
      status = this.#command(command);
      this.#variables.set("?", status === undefined ? undefined : String(status));
    }
    return status;
  }

  #command(command: ShellCommand): Status {
    if (++this.#steps > longest) throw new DhiError("limit", "it does not end");
    switch (command.kind) {
      case "simple":
        return this.#redirected(command.redirections, () => this.#simple(command));
      case "function":
        this.#functions.set(command.name, command.body);
        return 0;
      case "chain":
        return followChain(this.#flow, command);
      case "if":
        return this.#redirected(command.redirections, () => followIf(this.#flow, command));
      case "case":
        return this.#redirected(command.redirections, () => followCase(this.#flow, command));
      case "for":
        return this.#redirected(command.redirections, () => followFor(this.#flow, command));
      case "group":
        return this.#redirected(command.redirections, () => (command.subshell ? this.#subshell(command.body) : this.#list(command.body)));
      case "loop":
        return this.#redirected(command.redirections, () => followLoop(this.#flow, command));
      case "pipeline":
        return this.#pipeline(command);
    }
  }

  #test<T>(work: () => T): T {
    this.#tested += 1;
    try {
      return work();
    } finally {
      this.#tested -= 1;
    }
  }

  /** Each command reads what the one before it printed. */
  #pipeline({ commands, negated }: Extract<ShellCommand, { kind: "pipeline" }>): Status {
    const outer = this.#input;
    let status: Status;
    try {
      commands.forEach((command, at) => {
        if (commands.length === 1) status = this.#test(() => this.#command(command));
        else if (at === commands.length - 1) status = this.#subshell([command]);
        else this.#input = new ShellInput(this.#output.capture(() => this.#test(() => this.#subshell([command]))).text);
      });
    } finally {
      this.#input = outer;
    }
    return status === undefined || !negated ? status : status === 0 ? 1 : 0;
  }

  #simple(command: Simple): Status {
    const { assignments, words } = command;
    this.#substituted = [];
    if (words.length === 0) {
      let known = true;
      for (const [name, word] of assignments) {
        const value = this.#expansion.text(word);
        known &&= value !== undefined;
        this.#variables.set(name, value);
      }
      return this.#substituted.length > 0 ? this.#substituted.at(-1) : known ? 0 : undefined;
    }
    if (declareVariables(words, this.#expansion)) return 0;
    const fields = words.map((word) => this.#expansion.fields(word));
    const [name, ...args] = fields.flatMap((list) => list ?? []);
    if (name === undefined && !fields.includes(undefined)) return this.#substituted.length > 0 ? this.#substituted.at(-1) : 0;
    if (fields.includes(undefined) || name === undefined) {
      this.#unfollowed(fields[0]?.[0]);
      return undefined;
    }
    for (const [variable, word] of assignments) {
      if (this.#functions.has(name) || this.#host.command(name) === undefined) this.#variables.set(variable, this.#expansion.text(word));
    }
    const status = this.#call(name, args);
    // With `set -e` the package would not have been installed: something here was not followed as it is.
    if (status !== undefined && status !== 0 && this.#tested === 0 && this.#variables.get("-").join("").includes("e"))
      this.#host.unread(`${name}${args.map((arg) => ` ${arg}`).join("")}`);
    return status;
  }

  #call(name: string, args: readonly string[]): Status {
    const own = runBuiltin(name, args, this.#variables, this.#host, this.#input);
    if (own !== undefined) return own.status;
    const body = this.#functions.get(name);
    if (body !== undefined) return this.#within(args, "return", () => this.#command(body));
    const wrapped = unwrapCommand(name, args, this.#input.text, this.#host);
    if (wrapped?.kind === "commands") {
      const statuses = wrapped.commands.map(([first = ":", ...rest]) => this.#call(first, rest));
      if (wrapped.ends === true) throw new Leave("exit", statuses.at(-1));
      return statuses.length === 0 ? 0 : statuses.at(-1);
    }
    if (wrapped?.kind === "text") {
      const work = (): Status => this.#list(parseShell(wrapped.text));
      if (wrapped.shell === "same") return work();
      if (wrapped.shell === "sourced") return this.#within(wrapped.args ?? this.#variables.parameters, "return", work);
      return this.#variables.apart(() => this.#within(wrapped.args ?? [], "exit", () => (this.#variables.set("0", name), work())));
    }
    const result = this.#host.command(name)?.(args, this.#input.text);
    if (result === undefined) {
      this.#unfollowed(name, args);
      return undefined;
    }
    if ("output" in result) this.#output.print(result.output);
    return result.status;
  }

  /** What `return`, or `exit`, ends; doubt ends there too. */
  #within(parameters: readonly string[], ends: "return" | "exit", work: () => Status): Status {
    if (++this.#depth > deepest) throw new DhiError("limit", "its functions call each other without end");
    try {
      return this.#variables.within(parameters, work);
    } catch (thrown) {
      if (thrown instanceof Leave && (thrown.what === ends || (ends === "exit" && thrown.what === "return"))) return thrown.status;
      throw thrown;
    } finally {
      this.#depth -= 1;
      if (this.#doubt === "return" || this.#doubt === ends) this.#doubt = undefined;
    }
  }

  #unfollowed(name: string | undefined, args?: readonly string[]): void {
    this.#output.print(undefined);
    const body = name === undefined ? undefined : this.#functions.get(name);
    if (body !== undefined) skipCommands(this.#context(), [body]);
    else if (name === undefined || !this.#host.isHarmless([name, ...(args ?? [])]))
      this.#host.unread([name ?? "a command", ...(args ?? [])].join(" "));
  }

  #skip(list: ShellList): void {
    skipCommands(this.#context(), list);
    const leave = findLeave(list, this.#expansion);
    if (this.#doubt !== "exit") this.#doubt = leave ?? this.#doubt;
  }

  #context(): SkipContext {
    return { host: this.#host, expansion: this.#expansion, functions: this.#functions };
  }

  #substitute(source: string): string | undefined {
    const { result, text } = this.#output.capture(() => this.#test(() => this.#subshell(parseShell(source))));
    this.#substituted.push(result);
    return result === undefined && text === "" ? undefined : text;
  }

  #subshell(list: ShellList): Status {
    const doubt = this.#doubt;
    try {
      return this.#variables.apart(() => this.#list(list));
    } catch (thrown) {
      if (thrown instanceof Leave) return thrown.status;
      throw thrown;
    } finally {
      this.#doubt = doubt;
    }
  }

  #redirected(redirections: readonly Redirection[], work: () => Status): Status {
    if (redirections.length === 0) return work();
    const { input, output, silent } = readRedirections(redirections, this.#expansion, this.#host);
    const outer = this.#input;
    if (input !== undefined) this.#input = new ShellInput(input.text);
    try {
      if (output === undefined && !silent) return work();
      const { result, text } = this.#output.capture(work);
      if (output === undefined) return result;
      const { path, append } = output;
      const written = path === "/dev/null" || (path !== undefined && text !== undefined && this.#host.writeFile(path, text, append));
      if (!written) this.#host.unread(`writing ${path ?? "a file"}`);
      return result;
    } finally {
      this.#input = outer;
    }
  }
}
