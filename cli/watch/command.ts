import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { DhiError } from "../../provider/errors.js";
import { parseDuration } from "../../provider/text/duration.js";
import { parseListenAddress, type ListenAddress } from "./listen-address.js";
import { checkProgram } from "./on-failure.js";
import { readSecret, SECRET_VARIABLE } from "./secret.js";

/** The back-off after failures, in milliseconds. */
const BACK_OFF = { first: 10_000, longest: 30 * 60_000 };
/** A timer holds no more (Node, `setTimeout`: 2^31-1 milliseconds); the longest wait is ten debounces. */
export const LONGEST_POLL = 7 * 24 * 3_600_000;
export const LONGEST_DEBOUNCE = 3_600_000;

interface Given {
  readonly cwd: string;
  readonly stack: readonly string[];
  readonly listen: ListenAddress;
  readonly secretFile?: string;
  /** False: by --no-poll. */
  readonly poll: number | false;
  readonly debounce: number;
  readonly onFailure?: string;
}

/** `pulumi-dhi watch` */
export function watchCommand(): Command {
  const command = new Command("watch")
    .description("keep stacks up to date: runs pulumi up when a registry tells of a push, and from time to time")
    .requiredOption("--stack <name>", "stack to keep up to date; may be given more than once", collect)
    .option("--cwd <folder>", "folder of the Pulumi project", ".")
    .option("--listen <host:port>", "where notifications are received", orUsage(parseListenAddress), parseListenAddress("127.0.0.1:8723"))
    .option("--secret-file <file>", `file with the secret that notifications must carry; else it is in ${SECRET_VARIABLE}`)
    .option("--poll <duration>", "run also after this time, say 30m", duration(LONGEST_POLL), 3_600_000)
    .option("--no-poll", "run only on notifications")
    .option("--debounce <duration>", "run when no further notification has come for this time", duration(LONGEST_DEBOUNCE), 2000)
    .option("--on-failure <program>", "program to run after a failure; it gets the message on standard input")
    .action(async (given: Given) => {
      try {
        await start(given);
      } catch (thrown) {
        if (thrown instanceof DhiError) command.error(`error: ${thrown.describe()}`);
        throw thrown;
      }
    });
  // Values as users write them; milliseconds would be shown otherwise.
  for (const [name, text] of [
    ["listen", "127.0.0.1:8723"],
    ["poll", "1h"],
    ["debounce", "2s"],
  ] as const) {
    const option = command.options.find((one) => one.attributeName() === name && !one.negate);
    if (option !== undefined) option.defaultValueDescription = text;
  }
  return command;
}

async function start({ cwd, stack, listen, secretFile, poll, debounce, onFailure }: Given): Promise<void> {
  const secret = readSecret(secretFile, process.env);
  if (onFailure !== undefined) checkProgram(onFailure, process.env);
  // The Automation API takes a second to load, which --help does not need.
  const { watch } = await import("./watch.js");
  await watch({
    projectFolder: resolve(cwd),
    stacks: [...new Set(stack)],
    listen,
    secret,
    poll: poll === false ? undefined : poll,
    debounce,
    backOff: BACK_OFF,
    onFailure,
  });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A duration from one second to `longest`. */
function duration(longest: number): (text: string) => number {
  return (text) => {
    const read = parseDuration(text, ["s", "m", "h"]);
    if (read === undefined || read === 0) throw new InvalidArgumentError("It is not a duration. Write 90s, 30m or 1h30m.");
    if (read > longest) throw new InvalidArgumentError(`The longest is ${longest / 3_600_000}h.`);
    return read;
  };
}

function orUsage<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (thrown) {
      throw thrown instanceof DhiError ? new InvalidArgumentError(thrown.describe()) : thrown;
    }
  };
}
