import { execFileSync } from "node:child_process";
import type { ExecFileSyncOptions } from "node:child_process";

/** Whether a program is there; tests that need one that is not are skipped by name. */
export function hasTool(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What a program prints, as bytes. Messages on its error output are part of what is thrown. */
export function run(command: string, args: readonly string[], options: ExecFileSyncOptions = {}): Buffer {
  return Buffer.from(execFileSync(command, args, { maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "pipe"], ...options }) as Buffer);
}
