import { DhiError } from "../../../errors.js";
import type { CommandResult, ScriptHost } from "./script-host.js";
import { ShellExpansion, ShellVariables } from "./shell-expansion.js";
import { matchesPattern } from "./shell-patterns.js";
import { readGrep } from "./grep.js";
import { parseShell } from "./shell-parser.js";
import { commandsIn, type Redirection, type ShellCommand, type ShellList, type ShellWord } from "./shell-syntax.js";

type Status = number | undefined;
type Simple = Extract<ShellCommand, { kind: "simple" }>;

/** Leaves a function or the whole script. */
class Leave extends Error {
  readonly what: "exit" | "return";
  readonly status: number;

  constructor(what: "exit" | "return", status: number) {
    super(what);
    this.what = what;
    this.status = status;
  }
}

/** A word for people, its variables by their names. */
function textOf(word: ShellWord): string {
  return word.map((part) => (part.kind === "text" ? part.text : part.kind === "variable" ? `$${part.name}` : "$(…)")).join("");
}

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
  #output: string | undefined = "";
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
    }
  }

  setVariable(name: string, value: string | undefined): void {
    this.#variables.set(name, value);
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
        return this.#redirected(command.redirections, () => this.#group(command));
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
      status = this.#list(body);
    }
    return status;
  }

  #group({ body, subshell }: Extract<ShellCommand, { kind: "group" }>): Status {
    if (!subshell) return this.#list(body);
    try {
      return this.#list(body);
    } catch (thrown) {
      if (thrown instanceof Leave) return thrown.status;
      throw thrown;
    }
  }

  /** What goes through a pipe is not followed, but for what is known and ends in `grep`; one that only reads has an unknown end. */
  #pipeline({ commands, negated }: Extract<ShellCommand, { kind: "pipeline" }>): Status {
    const [first, second, ...more] = commands;
    const negate = (status: Status): Status => (status === undefined || !negated ? status : status === 0 ? 1 : 0);
    if (first === undefined) return undefined;
    if (second === undefined) return negate(this.#command(first));
    const grep = second.kind === "simple" && more.length === 0 && first.kind === "simple" ? this.#grep(second) : undefined;
    if (grep !== undefined) {
      const text = this.#captured(() => this.#command(first));
      if (text === undefined) return undefined;
      const found = text.split("\n").filter((line, at, all) => (at < all.length - 1 || line !== "") && grep.test(line));
      if (!grep.quiet) this.#print({ status: 0, output: found.map((line) => `${line}\n`).join("") });
      return negate(found.length > 0 ? 0 : 1);
    }
    this.#skip(commands);
    this.#output = undefined;
    return undefined;
  }

  #grep({ words }: Simple): { readonly quiet: boolean; test(line: string): boolean } | undefined {
    const fields = words.map((word) => this.#expansion.fields(word));
    return fields.includes(undefined) ? undefined : readGrep(fields.flatMap((list) => list ?? []));
  }

  /** What is printed meanwhile; undefined when it is not known. */
  #captured(work: () => Status): string | undefined {
    const outer = this.#output;
    this.#output = "";
    try {
      work();
      return this.#output;
    } finally {
      this.#output = outer;
    }
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
    const fields = words.map((word) => this.#expansion.fields(word));
    const [name, ...args] = fields.flatMap((list) => list ?? []);
    if (fields.includes(undefined) || name === undefined) return this.#unfollowed(command, fields[0]?.[0]);
    const own = this.#builtin(name, args);
    if (own !== undefined) return own.status;
    const body = this.#functions.get(name);
    if (body !== undefined) return this.#call(body, args);
    const [input] = name === "cat" && args.length === 0 ? this.#variables.get(hereDocument) : [];
    const result = input === undefined ? this.#host.command(name)?.(args) : { status: 0, output: input };
    if (result === undefined) return this.#unfollowed(command, name, args);
    this.#print(result);
    return result.status;
  }

  #builtin(name: string, args: readonly string[]): CommandResult | undefined {
    if (name === "exit" || name === "return") throw new Leave(name, Number(args[0] ?? 0));
    if (name === "shift") {
      this.#variables.parameters = this.#variables.parameters.slice(Number(args[0] ?? 1));
      return { status: 0 };
    }
    if (name === "set") {
      const at = args.indexOf("--");
      if (at >= 0) this.#variables.parameters = args.slice(at + 1);
      return { status: 0 };
    }
    if (name === "local" || name === "export" || name === "readonly") {
      for (const [, variable = "", value] of args.map((arg) => /^([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? [])) {
        if (value !== undefined) this.#variables.set(variable, value);
      }
      return { status: 0 };
    }
    if (name === "db_get") {
      const result = this.#host.command(name)?.(args) ?? { status: undefined, output: undefined };
      this.#variables.set("RET", result.output);
      return { status: result.status };
    }
    return undefined;
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

  #unfollowed(command: Simple, name: string | undefined, args?: readonly string[]): undefined {
    this.#output = undefined;
    if (name !== undefined && this.#functions.has(name)) this.#skip([this.#functions.get(name) ?? command]);
    else if (name === undefined || !this.#host.isHarmless([name, ...(args ?? [])]))
      this.#host.unread([name ?? "a command", ...(args ?? [])].join(" "));
    return undefined;
  }

  /** Not followed, since nobody knows whether it would be reached: what it sets is no longer known, what it does is told. */
  #skip(list: ShellList): void {
    for (const { assignments, words, redirections } of commandsIn(list)) {
      const file = redirections.find(({ operator, descriptor }) => /^>[>|]?$/.test(operator) && (descriptor ?? 1) === 1);
      const path = file === undefined ? undefined : this.#expansion.text(file.target);
      if (file !== undefined && path !== "/dev/null") this.#host.unread(`writing ${path ?? "a file"}`);
      if (words.length === 0) for (const [name] of assignments) this.#variables.set(name, undefined);
      const known = words.map((word) => this.#expansion.text(word) ?? textOf(word));
      const [first] = known;
      if (words.length === 0 || (first !== undefined && this.#host.isHarmless(known))) continue;
      // What is not there cannot be removed.
      if (first === "rm" && known.slice(1).every((text) => text.startsWith("-") || !(text.startsWith("$") || this.#host.isThere(text))))
        continue;
      if (first === "exit" || first === "return") continue;
      const body = first === undefined ? undefined : this.#functions.get(first);
      if (body !== undefined && ++this.#steps < longest && ++this.#depth < deepest) {
        this.#skip([body]);
        this.#depth -= 1;
      } else if (body === undefined) this.#host.unread(first ?? "a command");
    }
  }

  #substitute(source: string): string | undefined {
    const outer = this.#output;
    this.#output = "";
    try {
      const status = this.#list(parseShell(source));
      return status === undefined && this.#output === "" ? undefined : this.#output;
    } catch (thrown) {
      if (thrown instanceof Leave) return this.#output;
      throw thrown;
    } finally {
      this.#output = outer;
    }
  }

  #print(result: CommandResult): void {
    if (!("output" in result)) return;
    if (result.output === undefined || this.#output === undefined) this.#output = undefined;
    else this.#output += result.output;
  }

  /** Output that goes to a file is written there, or told when it is not known. */
  #redirected(redirections: readonly Redirection[], work: () => Status): Status {
    const input = redirections.find(({ operator }) => operator === "<<");
    const file = redirections.find(({ operator, descriptor }) => /^>[>|]?$/.test(operator) && (descriptor ?? 1) === 1);
    const silent = redirections.some(({ operator, descriptor }) => operator === ">&" && (descriptor ?? 1) === 1);
    if (file === undefined && input === undefined && !silent) return work();
    const outer = this.#output;
    this.#output = "";
    try {
      if (input !== undefined) this.#variables.set(hereDocument, this.#expansion.text(input.target));
      const status = work();
      const path = file === undefined ? undefined : this.#expansion.text(file.target);
      if (file !== undefined && path !== "/dev/null") {
        const text: string | undefined = this.#output;
        const written = path !== undefined && text !== undefined && this.#host.writeFile(path, text, file.operator === ">>");
        if (!written) this.#host.unread(`writing ${path ?? "a file"}`);
      }
      return status;
    } finally {
      this.#output = silent || file !== undefined ? outer : outer === undefined ? undefined : outer + (this.#output ?? "");
    }
  }
}
