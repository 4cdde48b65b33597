// Runs child processes, streaming or collecting their output, with one clear error.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Prints one line on standard output. */
export const say = (message) => process.stdout.write(`${message}\n`);

/** The first executable with that name in the folders of `path`, or undefined. */
export function findOnPath(name, path = process.env.PATH ?? "") {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not found: the next folder
    }
  }
  return undefined;
}

/**
 * Runs a command. `stdio` as in spawn; with `onLine`, each line of standard output and error goes there instead.
 * Resolves to `{ code, output }`, where `output` is everything that was piped; never rejects because of an exit code.
 */
export function run(command, args, { onLine, stdio = "pipe", ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: stdio === "pipe" ? ["ignore", "pipe", "pipe"] : stdio });
    let output = "";
    for (const stream of [child.stdout, child.stderr].filter(Boolean)) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => {
        output += chunk;
        if (!onLine) return;
        const lines = (rest + chunk).split("\n");
        rest = lines.pop();
        lines.forEach((line) => onLine(line));
      });
      stream.on("end", () => onLine && rest !== "" && onLine(rest));
    }
    child.on("error", (cause) => reject(new Error(`${command} could not be started: ${cause.message}`, { cause })));
    child.on("close", (code, signal) => resolve({ code: code ?? 1, signal, output }));
  });
}

/** Like run, but throws for an exit code other than 0, with the end of the command's output. */
export async function runOrThrow(command, args, options) {
  const result = await run(command, args, options);
  if (result.code !== 0) {
    const tail = result.output.trimEnd().split("\n").slice(-12).join("\n");
    throw new Error(`${command} ${args.slice(0, 3).join(" ")} failed with exit code ${result.code}${tail ? `:\n${tail}` : ""}`);
  }
  return result;
}

/** Runs a script's main function: an error is one message and exit code 1, without a stack trace unless DEBUG is set. */
export async function runMain(main) {
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    process.stderr.write(`\n${process.env.DEBUG ? error.stack : error.message}\n`);
    process.exitCode = 1;
  }
}
