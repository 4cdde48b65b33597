import { DhiError } from "../../../errors.js";
import type { ScriptHost } from "./script-host.js";
import { ShellExpansion, ShellVariables } from "./shell-expansion.js";
import { matchesPattern } from "./shell-patterns.js";
import { readGrep } from "./grep.js";
import { declareVariables, Leave, runBuiltin } from "./shell-builtins.js";
import { parseShell } from "./shell-parser.js";
import { ShellOutput } from "./shell-output.js";
import { outputFile, skipCommands } from "./shell-skipping.js";
import type { Redirection, ShellCommand, ShellList } from "./shell-syntax.js";

type Status = number | undefined;
type Simple = Extract<ShellCommand, { kind: "simple" }>;

/** No name that a script can use: the text of the here-document that a command reads. */
const hereDocument = " input";
const deepest = 40;
/** Of steps; no maintainer script comes near it. */
const longest = 100_000;

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
  #depth = 0;
  #steps = 0;

  constructor(host: ScriptHost, parameters: readonly string[], variables: Readonly<Record<string, string>>) {
    this.#host = host;
    this.#variables = new ShellVariables(parameters, variables);
    this.#expansion = new ShellExpansion(this.#variables, host, (source) => this.#substitute(source));
  }

  /** Throws `DhiError` "invalid" for a script that is not understood. */
  read(text: string): void {
    try {
      this.#list(parseShell(text));
    } catch (thrown) {
      if (!(thrown instanceof Leave)) throw thrown;
      if (thrown.status !== 0) this.#host.unread(`what follows (it gives up with status ${thrown.status})`);
    }
  }

  #list(list: ShellList): Status {
    let status: Status = 0;
    for (const command of list) status = this.#command(command);
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
        return this.#chain(command);
      case "if":
        return this.#redirected(command.redirections, () => this.#if(command));
      case "case":
        return this.#redirected(command.redirections, () => this.#case(command));
      case "for":
        return this.#redirected(command.redirections, () => this.#for(command));
      case "group":
        return this.#redirected(command.redirections, () => (command.subshell ? this.#subshell(command.body) : this.#list(command.body)));
      case "loop":
        this.#skip([command]);
        return undefined;
      case "pipeline":
        return this.#pipeline(command);
    }
  }

  #chain({ first, rest }: Extract<ShellCommand, { kind: "chain" }>): Status {
    let status = this.#command(first);
    for (const { operator, command } of rest) {
      if (status === undefined) {
        this.#skip([command]);
        continue;
      }
      if ((status === 0) === (operator === "&&")) status = this.#command(command);
    }
    return status;
  }

  #if({ branches, otherwise }: Extract<ShellCommand, { kind: "if" }>): Status {
    for (const [at, { condition, body }] of branches.entries()) {
      const status = this.#list(condition);
      if (status === 0) return this.#list(body);
      if (status !== undefined) continue;
      this.#skip([...branches.slice(at).flatMap((branch) => branch.body), ...otherwise]);
      return undefined;
    }
    return this.#list(otherwise);
  }

  #case({ word, arms }: Extract<ShellCommand, { kind: "case" }>): Status {
    const text = this.#expansion.text(word);
    const patterns = arms.map((arm) => arm.patterns.map((pattern) => this.#expansion.pattern(pattern)));
    if (text === undefined || patterns.flat().includes(undefined)) {
      this.#skip(arms.flatMap(({ body }) => body));
      return undefined;
    }
    const found = patterns.findIndex((list) => list.some((pattern) => pattern !== undefined && matchesPattern(text, pattern)));
    return this.#list(arms[found]?.body ?? []);
  }

  #for({ name, words, body }: Extract<ShellCommand, { kind: "for" }>): Status {
    const lists = words === undefined ? [this.#variables.parameters] : words.map((word) => this.#expansion.fields(word));
    if (lists.includes(undefined)) {
      this.#variables.set(name, undefined);
      this.#skip(body);
      return undefined;
    }
    let status: Status = 0;
    for (const value of lists.flatMap((list) => list ?? [])) {
      this.#variables.set(name, value);
      try {
        status = this.#list(body);
      } catch (thrown) {
        if (!(thrown instanceof Leave) || thrown.what === "exit" || thrown.what === "return") throw thrown;
        if (thrown.what === "break") break;
      }
    }
    return status;
  }

  /** What goes through a pipe is not followed, but for what is known and ends in `grep`; one that only reads has an unknown end. */
  #pipeline({ commands, negated }: Extract<ShellCommand, { kind: "pipeline" }>): Status {
    const [first, second, ...more] = commands;
    const negate = (status: Status): Status => (status === undefined || !negated ? status : status === 0 ? 1 : 0);
    if (first === undefined) return undefined;
    if (second === undefined) return negate(this.#command(first));
    const grep = second.kind === "simple" && more.length === 0 && first.kind === "simple" ? this.#grep(second) : undefined;
    if (grep !== undefined) {
      const { text } = this.#output.capture(() => this.#command(first));
      if (text === undefined) return undefined;
      const found = text.split("\n").filter((line, at, all) => (at < all.length - 1 || line !== "") && grep.test(line));
      if (!grep.quiet) this.#output.print(found.map((line) => `${line}\n`).join(""));
      return negate(found.length > 0 ? 0 : 1);
    }
    this.#skip(commands);
    this.#output.print(undefined);
    return undefined;
  }

  #grep({ words }: Simple): { readonly quiet: boolean; test(line: string): boolean } | undefined {
    const fields = words.map((word) => this.#expansion.fields(word));
    return fields.includes(undefined) ? undefined : readGrep(fields.flatMap((list) => list ?? []));
  }

  #simple(command: Simple): Status {
    const { assignments, words } = command;
    if (words.length === 0) {
      let known = true;
      for (const [name, word] of assignments) {
        const value = this.#expansion.text(word);
        known &&= value !== undefined;
        this.#variables.set(name, value);
      }
      return known ? 0 : undefined;
    }
    if (declareVariables(words, this.#expansion)) return 0;
    const fields = words.map((word) => this.#expansion.fields(word));
    const [name, ...args] = fields.flatMap((list) => list ?? []);
    if (fields.includes(undefined) || name === undefined) {
      this.#unfollowed(command, fields[0]?.[0]);
      return undefined;
    }
    const own = runBuiltin(name, args, this.#variables, this.#host);
    if (own !== undefined) return own.status;
    const body = this.#functions.get(name);
    if (body !== undefined) return this.#call(body, args);
    const [input] = name === "cat" && args.length === 0 ? this.#variables.get(hereDocument) : [];
    const result = input === undefined ? this.#host.command(name)?.(args) : { status: 0, output: input };
    if (result === undefined) {
      this.#unfollowed(command, name, args);
      return undefined;
    }
    if ("output" in result) this.#output.print(result.output);
    return result.status;
  }

  #call(body: ShellCommand, args: readonly string[]): Status {
    if (++this.#depth > deepest) throw new DhiError("limit", "its functions call each other without end");
    const outer = this.#variables.parameters;
    this.#variables.parameters = args;
    try {
      return this.#command(body);
    } catch (thrown) {
      if (thrown instanceof Leave && thrown.what === "return") return thrown.status;
      throw thrown;
    } finally {
      this.#depth -= 1;
      this.#variables.parameters = outer;
    }
  }

  #unfollowed(command: Simple, name: string | undefined, args?: readonly string[]): void {
    this.#output.print(undefined);
    if (name !== undefined && this.#functions.has(name)) this.#skip([this.#functions.get(name) ?? command]);
    else if (name === undefined || !this.#host.isHarmless([name, ...(args ?? [])]))
      this.#host.unread([name ?? "a command", ...(args ?? [])].join(" "));
  }

  #skip(list: ShellList): void {
    skipCommands({ host: this.#host, expansion: this.#expansion, functions: this.#functions }, list);
  }

  #substitute(source: string): string | undefined {
    const { result, text } = this.#output.capture(() => this.#subshell(parseShell(source)));
    return result === undefined && text === "" ? undefined : text;
  }

  #subshell(list: ShellList): Status {
    try {
      return this.#list(list);
    } catch (thrown) {
      if (thrown instanceof Leave) return thrown.status;
      throw thrown;
    }
  }

  /** Output that goes to a file is written there, or told when it is not known. */
  #redirected(redirections: readonly Redirection[], work: () => Status): Status {
    const input = redirections.find(({ operator }) => operator === "<<");
    const file = outputFile(redirections);
    const silent = redirections.some(({ operator, descriptor }) => operator === ">&" && (descriptor ?? 1) === 1);
    if (file === undefined && input === undefined && !silent) return work();
    if (input !== undefined) this.#variables.set(hereDocument, this.#expansion.text(input.target));
    const { result, text } = this.#output.capture(work);
    if (file === undefined) {
      if (!silent) this.#output.print(text);
      return result;
    }
    const path = this.#expansion.text(file);
    const append = redirections.some(({ operator, target }) => operator === ">>" && target === file);
    const written = path === "/dev/null" || (path !== undefined && text !== undefined && this.#host.writeFile(path, text, append));
    if (!written) this.#host.unread(`writing ${path ?? "a file"}`);
    return result;
  }
}
