import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSession as openProviderSession } from "../../../provider/pulumi/session.js";
import type { StackSettings } from "../../../provider/pulumi/settings.js";
import type { ResourceLog, Session } from "../../../provider/pipeline/session.js";

export interface SessionOptions extends Partial<StackSettings> {
  readonly projectDirectory: string;
  readonly cacheDirectory: string;
}

/** A provider process's session for one operation, without the engine and without this machine's credentials. */
export function openSession({ projectDirectory, ...settings }: SessionOptions): Session {
  const defaults = {
    registries: {},
    packageSources: {},
    packageHosts: [],
    requireFresh: false,
    deferFailures: false,
    jobs: undefined,
    timeout: undefined,
  };
  return openProviderSession({ ...defaults, ...settings }, projectDirectory, new AbortController().signal, { HOME: "/nonexistent" });
}

/** A row that records its lines. */
export interface KeptRow extends ResourceLog {
  readonly lines: string[];
}

export function keepRow(): KeptRow {
  const lines: string[] = [];
  return { lines, line: (severity, message) => void lines.push(`${severity}: ${message}`), progress: () => undefined };
}

/** Folders for a project and a cache; `remove` deletes them. */
export interface Workplace {
  readonly folder: string;
  readonly projectDirectory: string;
  readonly cacheDirectory: string;
  readonly remove: () => Promise<void>;
}

export async function makeWorkplace(): Promise<Workplace> {
  // Lower case, which buildah requires in the path of a layout.
  const folder = join(tmpdir(), `dhi-proof-${randomBytes(6).toString("hex")}`);
  await mkdir(folder, { mode: 0o700 });
  return {
    folder,
    projectDirectory: folder,
    cacheDirectory: join(folder, "cache"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
