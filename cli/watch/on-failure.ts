import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { asError, DhiError } from "../../provider/errors.js";
import { redact } from "../../provider/text/redaction.js";

/** Milliseconds that the program may take; then it is ended. */
export const FAILURE_COMMAND_TIMEOUT = 60_000;

/** Characters of the message in the environment variable, its end: Linux starts no program with a variable of 128 KiB. */
export const MAX_VARIABLE = 16_000;

/** A run that failed, for whoever is told. */
export interface RunFailure {
  readonly stack: string;
  /** In a row, this one included. */
  readonly failures: number;
  readonly errors: readonly string[];
}

/**
 * Runs a program without a shell and without arguments, and resolves to how it ended. It gets the message on standard input and in
 * PULUMI_DHI_MESSAGE (there only the end of a long one), beside PULUMI_DHI_STACK and PULUMI_DHI_FAILURES; what it prints goes where ours does.
 */
export async function runOnFailure(
  program: string,
  { stack, failures, errors }: RunFailure,
  timeout = FAILURE_COMMAND_TIMEOUT,
): Promise<string> {
  const message = redact(`pulumi up of the stack ${stack} failed:\n${errors.join("\n")}\n`);
  const env = {
    ...process.env,
    // A variable cannot hold a NUL.
    PULUMI_DHI_MESSAGE: message.replaceAll("\0", "").slice(-MAX_VARIABLE),
    PULUMI_DHI_STACK: stack,
    PULUMI_DHI_FAILURES: String(failures),
  };
  const ended = new Promise<string>((resolve) => {
    const child = spawn(program, [], { env, stdio: ["pipe", "inherit", "inherit"] });
    // Not the timeout option of spawn, whose timer would keep this process alive when the program is missing.
    const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
    const settle = (how: string): void => {
      clearTimeout(timer);
      resolve(how);
    };
    child.once("error", (thrown) => {
      settle(`could not be run: ${thrown.message}`);
    });
    child.once("exit", (code, signal) => {
      settle(signal === null ? `ended with ${String(code)}` : `was ended by ${signal}`);
    });
    // A program that does not read its input closes it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(message);
  });
  // Node throws some failures to start a program.
  return await ended.catch((thrown: unknown) => `could not be run: ${asError(thrown).message}`);
}

/** Checks that a program can be run: a path, or a name on PATH. Throws `DhiError` "not-found". */
export function checkProgram(program: string, env: NodeJS.ProcessEnv): void {
  const places = program.includes("/") ? [program] : (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program));
  if (places.some((path) => isExecutable(path))) return;
  throw new DhiError("not-found", `--on-failure: there is no program ${program}`, {
    hint: "Give the path of an executable file. It is run without a shell and without arguments, so put these into a script",
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
