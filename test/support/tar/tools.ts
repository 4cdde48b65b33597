import { execFileSync } from "node:child_process";
import type { ExecFileSyncOptions } from "node:child_process";

/** Whether a program is installed; tests that need a missing one are skipped by name. */
export function hasTool(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Returns what a program prints, as bytes. Its error output is part of the thrown error. */
export function run(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): Buffer {
  return Buffer.from(execFileSync(command, args, { maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "pipe"], ...options }) as Buffer);
}
