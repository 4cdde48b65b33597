import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageFolder } from "./package-folder.js";

const run = promisify(execFile);

/** One completed run of a program. */
export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pulumi-dhi`, as it is built in dist. */
export function runCommand(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<CommandRun> {
  return runNode([join(packageFolder, "dist", "cli", "main.js"), ...args], cwd, env);
}

export async function runNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<CommandRun> {
  try {
    return { code: 0, ...(await run(process.execPath, [...args], { cwd, env })) };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { readonly code?: number; readonly stdout: string; readonly stderr: string };
    return { code: code ?? 1, stdout, stderr };
  }
}
