import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DhiError } from "../errors.js";
import { readSettings, type ReadConfig } from "./settings.js";
import { openResourceLogs, type ResourceLogs } from "./resource-log.js";
import { openSession, type OpenedSession } from "./session.js";

/** What a provider process has once, however many resources it serves. */
export interface Host {
  readonly session: OpenedSession;
  readonly logs: ResourceLogs;
}

let open: Host | undefined;
let working = 0;
const abort = new AbortController();

/** Opens the process's one host; the stack's configuration is the same for all callers. */
export function openHost(read: ReadConfig): Host {
  open ??= makeHost(read);
  return open;
}

/** Counts running work, so that an interrupt can wait for it. */
export async function track<T>(work: () => Promise<T>): Promise<T> {
  working += 1;
  try {
    return await work();
  } finally {
    working -= 1;
  }
}

function makeHost(read: ReadConfig): Host {
  const session = openProjectSession(read);
  process.once("SIGINT", endOnInterrupt);
  return { logs: openResourceLogs(process.argv[2]), session };
}

/** One per process: for lookups, in the program's own process. */
export function openProjectSession(read: ReadConfig): OpenedSession {
  const projectDirectory = findProject(process.cwd());
  const settings = readSettings(read, projectDirectory, process.env);
  if (settings.timeout !== undefined) endAfter(settings.timeout);
  return openSession(settings, projectDirectory, abort.signal);
}

/** The folder with the project file; its `main:` may have made a subfolder the working directory. */
function findProject(directory: string): string {
  for (let here = directory; ; here = dirname(here)) {
    if (["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(here, name)))) return here;
    if (dirname(here) === here) return directory;
  }
}

/** A Node timer with a longer delay fires at once. */
const longestTimer = 2 ** 31 - 1;

function endAfter(milliseconds: number): void {
  setTimeout(
    () => {
      abort.abort(new DhiError("unavailable", `the operation took longer than dhi:timeout allows (${String(milliseconds / 1000)} s)`));
    },
    Math.min(milliseconds, longestTimer),
  ).unref();
}

const grace = 2000;

/**
 * The engine interrupts at the end of every operation and waits five seconds for the process. Running work
 * gets a moment to remove what it leaves incomplete.
 */
function endOnInterrupt(): void {
  abort.abort(new DhiError("cancelled", "the operation was interrupted"));
  const started = Date.now();
  const timer = setInterval(() => {
    if (working === 0 || Date.now() - started > grace) {
      clearInterval(timer);
      process.exit(130);
    }
  }, 10);
}
