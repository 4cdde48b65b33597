import { execFile, type ExecFileOptions } from "node:child_process";
import { findProgram } from "../registries/process.js";

/**
 * Returns what a program prints. Its error output is part of the thrown error. Asynchronous, so that servers in this process keep running.
 */
export async function runProgram(name: string, args: readonly string[], options: ExecFileOptions = {}): Promise<string> {
  const program = findProgram(name) ?? name;
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 28, encoding: "buffer", ...options }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.toString("latin1"));
      else reject(new Error(`${name} ${args.join(" ")}: ${error.code ?? ""}\n${stdout.toString()}${stderr.toString()}`));
    });
  });
}

/** Why tests that need these programs (and root, if set) cannot run here; false when they can. */
export function missingPrograms(names: readonly string[], needsRoot = false): string | false {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return `needs ${missing.join(", ")}`;
  return needsRoot && process.getuid?.() !== 0 ? "needs root" : false;
}
