import { DhiError } from "../../../errors.js";
import { callModel, type ScriptHost } from "../script-host.js";
import { ScriptWork, type Spend } from "../script-work.js";
import { declareVariables, Leave, runBuiltin } from "./builtins.js";
import { ShellExpansion, ShellVariables } from "./expansion.js";
import { ShellInput } from "./input.js";
import { parseShell } from "./parser.js";
import { followCase, followChain, followFor, followIf, followLoop, type ShellFlow, type Status } from "./flow.js";
import { MAX_SCRIPT, ShellNesting } from "./nesting.js";
import { followRedirections } from "./redirections.js";
import { ShellStreams } from "./streams.js";
import { findLeave, skipCall, skipCommands, type SkipContext } from "./skipping.js";
import type { Redirection, ShellCommand, ShellList } from "./syntax.js";
import { unwrapCommand } from "./wrappers.js";

type Simple = Extract<ShellCommand, { kind: "simple" }>;

/**
 * Follows a maintainer script with its arguments, without running anything: commands with a model change the image through it, what
 * depends on an unknown condition is skipped, and each command that is not reproduced is reported to the host.
 */
export class ShellReader {
  readonly #host: ScriptHost;
  readonly #variables: ShellVariables;
  readonly #expansion: ShellExpansion;
  readonly #functions = new Map<string, ShellCommand>();
  readonly #streams: ShellStreams;
  readonly #work: ScriptWork;
  /** Set when it is unknown whether the function, or the script, continues. */
  #doubt: "return" | "exit" | undefined;
  /** The statuses of command substitutions since the command began. */
  #substituted: Status[] = [];
  /** Depth of conditions that are being evaluated. */
  #tested = 0;
  readonly #flow: ShellFlow;
  readonly #nesting: ShellNesting;

  /** `work`: the budget, which the host may spend from too. */
  constructor(
    host: ScriptHost,
    parameters: readonly string[],
    variables: Readonly<Record<string, string>>,
    work: ScriptWork = new ScriptWork(),
  ) {
    this.#host = host;
    this.#work = work;
    const spend: Spend = (amount) => {
      work.spend(amount);
    };
    this.#streams = new ShellStreams(spend);
    this.#nesting = new ShellNesting(spend);
    this.#variables = new ShellVariables(parameters, variables);
    this.#expansion = new ShellExpansion(this.#variables, host, (source) => this.#substitute(source), spend);
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

  /** Throws `DhiError` "invalid" for a script that cannot be parsed, "limit" for one that does not end. */
  read(text: string): void {
    if (text.length > MAX_SCRIPT) throw new DhiError("limit", `it is longer than ${MAX_SCRIPT} characters`);
    if (/^#!\s*\S+\s+-\w*e/.test(text)) this.#variables.set("-", "e");
    try {
      this.#list(this.#parse(text));
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
    return this.#nesting.command(() => this.#follow(command));
  }

  #parse(text: string): ShellList {
    this.#work.spend(4 * text.length);
    return parseShell(text);
  }

  #follow(command: ShellCommand): Status {
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

  /** Each command reads the output of the previous one. */
  #pipeline({ commands, negated }: Extract<ShellCommand, { kind: "pipeline" }>): Status {
    let [status, input]: [Status, ShellInput] = [0, this.#streams.input];
    for (const [at, command] of commands.entries()) {
      const follow = (): Status =>
        commands.length === 1
          ? this.#test(() => this.#command(command))
          : at < commands.length - 1
            ? this.#test(() => this.#subshell([command]))
            : this.#subshell([command]);
      const run = (): Status => this.#streams.reading(input, follow);
      if (at === commands.length - 1) status = run();
      else input = new ShellInput(this.#streams.capture(run).text);
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
    // With `set -e` the installation would have failed: something was not modelled correctly.
    if (status !== undefined && status !== 0 && this.#tested === 0 && this.#variables.get("-").join("").includes("e"))
      this.#host.unread(`${name}${args.map((arg) => ` ${arg}`).join("")}`);
    return status;
  }

  #call(name: string, args: readonly string[]): Status {
    this.#work.spend(args.length + this.#variables.parameters.length);
    const own = runBuiltin(name, args, this.#variables, this.#host, this.#streams.input);
    if (own !== undefined) return own.status;
    const body = this.#functions.get(name);
    if (body !== undefined) return this.#within(args, "return", () => this.#command(body));
    const wrapped = unwrapCommand(name, args, this.#streams.input.text, this.#host);
    if (wrapped?.kind === "commands") {
      const statuses = wrapped.commands.map(([first = ":", ...rest]) => this.#call(first, rest));
      if (wrapped.ends === true) throw new Leave("exit", statuses.at(-1));
      return statuses.length === 0 ? 0 : statuses.at(-1);
    }
    if (wrapped?.kind === "text") {
      const work = (): Status => this.#list(this.#parse(wrapped.text));
      if (wrapped.shell === "same") return work();
      if (wrapped.shell === "sourced") return this.#within(wrapped.args ?? this.#variables.parameters, "return", work);
      return this.#variables.apart(() => this.#within(wrapped.args ?? [], "exit", () => (this.#variables.set("0", name), work())));
    }
    this.#work.spend(this.#streams.input.text?.length ?? 0);
    const result = callModel(this.#host, name, args, this.#streams.input.text);
    if (result === undefined) {
      this.#unfollowed(name, args);
      return undefined;
    }
    if ("output" in result) this.#streams.print(result.output);
    return result.status;
  }

  /** Runs what `return`, or `exit`, ends; doubt ends there too. */
  #within(parameters: readonly string[], ends: "return" | "exit", work: () => Status): Status {
    try {
      return this.#nesting.call(() => this.#variables.within(parameters, work));
    } catch (thrown) {
      if (thrown instanceof Leave && (thrown.what === ends || (ends === "exit" && thrown.what === "return"))) return thrown.status;
      throw thrown;
    } finally {
      if (this.#doubt === "return" || this.#doubt === ends) this.#doubt = undefined;
    }
  }

  #unfollowed(name: string | undefined, args?: readonly string[]): void {
    this.#streams.print(undefined);
    skipCall(this.#context(), name, args);
  }

  #skip(list: ShellList): void {
    skipCommands(this.#context(), list);
    this.#work.spend(list.length);
    const leave = findLeave(list, this.#expansion);
    if (this.#doubt !== "exit") this.#doubt = leave ?? this.#doubt;
  }

  #context(): SkipContext {
    return { host: this.#host, expansion: this.#expansion, functions: this.#functions, spend: this.#expansion.spend };
  }

  #substitute(source: string): string | undefined {
    const { result, text } = this.#streams.capture(() => this.#test(() => this.#subshell(this.#parse(source))));
    this.#substituted.push(result);
    return result === undefined && text === "" ? undefined : text;
  }

  #subshell(list: ShellList): Status {
    const doubt = this.#doubt;
    this.#work.spend(this.#variables.size);
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
    return redirections.length === 0 ? work() : followRedirections(redirections, this.#expansion, this.#host, this.#streams, work);
  }
}
