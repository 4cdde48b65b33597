import { spawn, type ChildProcess } from "node:child_process";
import { readEvents, type EventLog, type Step } from "./events.js";

/** One completed call of the CLI. */
export interface Run extends EventLog {
  /** The exit code; 137 after a kill. */
  readonly code: number;
  /** Standard output and error, interleaved. */
  readonly text: string;
  /** Name to operations, in order, joined by "+": `{ python: "create-replacement+replace+delete-replaced" }`. */
  readonly ops: Readonly<Record<string, string>>;
  /** The last step of a resource. Throws when there is none. */
  step(name: string): Step;
  /** Permanent lines on a resource's row. */
  row(name: string): readonly string[];
}

export interface CliOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly eventLog: string | undefined;
  /** A command and its first arguments that run the CLI. */
  readonly through?: readonly string[] | undefined;
  /** Receives the process when it starts, to kill it early. The process leads its own process group. */
  readonly onStart?: ((child: ChildProcess) => void) | undefined;
}

/** Runs `pulumi` and waits for its end. */
export async function runCli(args: readonly string[], { folder, env, eventLog, through = [], onStart }: CliOptions): Promise<Run> {
  const [command = "pulumi", ...rest] = [...through, "pulumi", ...args];
  const child = spawn(command, rest, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  onStart?.(child);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exit) => {
      resolve(exit ?? 137);
    });
  });
  const log = eventLog === undefined ? { steps: [], lines: [], failed: [] } : readEvents(eventLog);
  const ops: Record<string, string> = {};
  for (const { name, op } of log.steps) ops[name] = ops[name] === undefined ? op : `${ops[name]}+${op}`;
  return {
    ...log,
    code,
    text,
    ops,
    step: (name) => {
      const found = log.steps.findLast((step) => step.name === name);
      if (found === undefined) throw new Error(`no step of ${name} in:\n${text}`);
      return found;
    },
    row: (name) => log.lines.filter((line) => line.name === name && !line.ephemeral).map(({ message }) => message),
  };
}
