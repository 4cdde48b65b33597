import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { packageFolder, type EngineProject } from "../../support/engine/index.js";
import { cleanup } from "../../support/running-test.js";

export const SECRET = "a-secret-of-the-test-0123456789";

export interface RunningWatch {
  /** What it has printed. */
  readonly log: () => string;
  /** Resolves when its log has the text, after the place where the last one was found. */
  until(text: string): Promise<void>;
  /** Resolves when nothing runs, and nothing has been logged for so many milliseconds. */
  idle(milliseconds: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code. */
  ended(): Promise<number | null>;
  metrics(): Promise<string>;
}

/** Runs `pulumi-dhi watch` for the stack `dev` of a project, until the test ends. */
export async function startWatch(project: EngineProject, port: number, args: readonly string[] = []): Promise<RunningWatch> {
  const main = join(packageFolder, "dist", "cli", "main.js");
  const all = ["watch", "--stack", "dev", "--cwd", project.folder, "--listen", `127.0.0.1:${port}`, "--debounce", "1s", ...args];
  const child = project.start(process.execPath, [main, ...all], { PULUMI_DHI_WATCH_SECRET: SECRET });
  let log = "";
  let read = 0;
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (log += text));
  const end = once(child, "exit") as Promise<[number | null]>;
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  cleanup(async () => {
    if (!hasEnded()) child.kill("SIGKILL");
    await end;
  });
  const until = async (text: string): Promise<void> => {
    for (let tries = 0; tries < 6000; tries += 1) {
      const at = log.indexOf(text, read);
      if (at >= 0) {
        read = at + text.length;
        return;
      }
      if (hasEnded()) break;
      await delay(50);
    }
    throw new Error(`watch has not logged "${text}":\n${log}`);
  };
  await until("listening on");
  const metrics = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return {
    log: () => log,
    until,
    idle: async (milliseconds) => {
      for (let before = ""; before !== log || (await metrics()).includes('_running{stack="dev"} 1');) {
        before = log;
        await delay(milliseconds);
      }
      read = log.length;
    },
    signal: (name) => child.kill(name),
    ended: async () => (await end)[0],
    metrics,
  };
}
