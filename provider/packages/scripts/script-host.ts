import { DhiError } from "../../errors.js";

/** What a command would do and say. */
export interface CommandResult {
  /** Exit status; undefined when it cannot be known. */
  readonly status: number | undefined;
  /** What it prints; undefined when it cannot be known, absent for nothing. */
  readonly output?: string | undefined;
}

export const done: CommandResult = { status: 0 };
export const failed: CommandResult = { status: 1 };
/** Changes nothing in the image, and says what is not known. */
export const unknown: CommandResult = { status: undefined, output: undefined };

/**
 * A model of one command. `input`: what it reads; undefined when that is not known. Gives undefined when it is not understood with these
 * arguments; then nothing was changed.
 */
export type CommandModel = (args: readonly string[], input?: string) => CommandResult | undefined;

/** What a script is read against. */
export interface ScriptHost {
  command(name: string): CommandModel | undefined;
  /** Whether a command leaves nothing in an image, by its name and as many of its arguments as are known. */
  isHarmless(words: readonly string[]): boolean;
  /** Paths that match a pattern, sorted; empty when none does. */
  glob(pattern: string): readonly string[];
  /** Whether there is anything at an absolute path, links not followed. */
  isThere(path: string): boolean;
  /** A file's text; undefined when there is none, or when nobody kept it. */
  readFile(path: string): string | undefined;
  /** The text of a program that is a shell script and small enough to be followed, by name or path. */
  script(name: string): string | undefined;
  writeFile(path: string, text: string, append: boolean): boolean;
  /** Told of each command that is not reproduced. */
  unread(command: string): void;
}

/** A command by its model, if it has one. A model that fails counts as one that does not understand: no script ends the program. */
export function callModel(host: ScriptHost, name: string, args: readonly string[], input: string | undefined): CommandResult | undefined {
  try {
    return host.command(name)?.(args, input);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "limit") throw thrown;
    return undefined;
  }
}
