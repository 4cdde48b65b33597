import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { ValueMap } from "../../provider/values.js";
import type { Published, Resource } from "../support/session/publish.js";
import type { SessionOptions } from "../support/session/session.js";

export interface PublishJob extends SessionOptions {
  readonly resource?: Resource;
  /** Of one resource each; all are published at once. */
  readonly inputs: readonly ValueMap[];
  readonly umask?: number;
}

export interface PublishAnswer {
  /** Peak memory of the process, in MiB. */
  readonly peak: number;
  readonly images: readonly Published[];
  readonly error?: string;
}

export interface ProcessOptions {
  /** Another Node than this one. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Publishes in a process of its own. */
export async function publishInProcess(job: PublishJob, options: ProcessOptions = {}): Promise<PublishAnswer> {
  const answer = await tryInProcess(job, options);
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

/** The same, with the error as part of the answer: the memory of a rejection counts too. */
export async function tryInProcess(job: PublishJob, { node, env }: ProcessOptions = {}): Promise<PublishAnswer> {
  const child = fork(join(__dirname, "publish-process.js"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: [],
    // Coverage takes memory of its own.
    env: { ...process.env, NODE_V8_COVERAGE: "", ...env },
    ...(node === undefined ? {} : { execPath: node }),
  });
  child.send(job);
  const ended = once(child, "exit");
  const [answer] = (await Promise.race([
    once(child, "message"),
    ended.then(([code]) => [{ error: `the process ended with ${String(code)}` }]),
  ])) as [PublishAnswer];
  await ended;
  return answer;
}
