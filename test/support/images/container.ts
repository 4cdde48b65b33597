import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "./programs.js";

interface RuntimeConfig {
  process: { terminal: boolean; args: string[]; env: string[]; cwd: string; user: { uid: number; gid: number; additionalGids?: number[] } };
}

/** Runs a bundle of umoci, with other arguments if given, and returns what the process prints. */
export async function runBundle(bundle: string, args?: readonly string[]): Promise<string> {
  const file = join(bundle, "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as RuntimeConfig;
  const own = { ...config.process, terminal: false, ...(args === undefined ? {} : { args: [...args] }) };
  await writeFile(file, JSON.stringify({ ...config, process: own }));
  try {
    return await runProgram("runc", ["--root", join(bundle, "runc"), "run", "--bundle", bundle, `dhi-${randomUUID()}`]);
  } finally {
    await writeFile(file, JSON.stringify(config));
  }
}

/** The process that a bundle describes. */
export async function readProcess(bundle: string): Promise<RuntimeConfig["process"]> {
  return (JSON.parse(await readFile(join(bundle, "config.json"), "utf8")) as RuntimeConfig).process;
}
