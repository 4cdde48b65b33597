import { DhiError } from "../../errors.js";

/** The result of a command. */
export interface CommandResult {
  /** Exit status; undefined when unknown. */
  readonly status: number | undefined;
  /** What it prints; undefined when unknown, absent for nothing. */
  readonly output?: string | undefined;
}

export const done: CommandResult = { status: 0 };
export const failed: CommandResult = { status: 1 };
/** Changed nothing in the image, with unknown status and output. */
export const unknown: CommandResult = { status: undefined, output: undefined };

/**
 * A model of one command. `input`: what it reads; undefined when unknown. Returns undefined when it does not support these
 * arguments; then nothing was changed.
 */
export type CommandModel = (args: readonly string[], input?: string) => CommandResult | undefined;

/** The environment that a script is followed in. */
export interface ScriptHost {
  command(name: string): CommandModel | undefined;
  /** Whether a command leaves nothing in an image, by its name and the arguments that are known. */
  isHarmless(words: readonly string[]): boolean;
  /** Paths that match a pattern, sorted; empty when none does. */
  glob(pattern: string): readonly string[];
  /** Whether anything exists at an absolute path, links not followed. */
  isThere(path: string): boolean;
  /** A file's text; undefined if it does not exist or its bytes were not kept. */
  readFile(path: string): string | undefined;
  /** The text of a program that is a shell script and small enough to be followed, by name or path. */
  script(name: string): string | undefined;
  writeFile(path: string, text: string, append: boolean): boolean;
  /** Called for each command that is not reproduced. */
  unread(command: string): void;
}

/** Runs a command's model, if it has one. A model that throws counts as not supporting the command: a script must not stop the program. */
export function callModel(host: ScriptHost, name: string, args: readonly string[], input: string | undefined): CommandResult | undefined {
  try {
    return host.command(name)?.(args, input);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "limit") throw thrown;
    return undefined;
  }
}
