import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCache } from "../../../provider/cache/open.js";
import type { RegistryConfig } from "../../../provider/registry/config.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { Repositories } from "../../../provider/registry/repository.js";
import { Claims } from "../../../provider/resources/published-image/claims.js";
import type { Memory, Row, Session, Settings } from "../../../provider/resources/session.js";

export interface SessionOptions extends Partial<Settings> {
  readonly projectDirectory: string;
  readonly cacheDirectory: string;
  readonly registries?: Readonly<Record<string, RegistryConfig>>;
}

/** What a provider process has for one operation of the engine, without the engine. */
export function openSession(options: SessionOptions): Session {
  const { projectDirectory, cacheDirectory, registries = {}, requireFresh = false, deferFailures = false, jobs } = options;
  const { signal } = new AbortController();
  const repositories = openRepositories({ registries, projectDirectory, signal, env: { HOME: "/nonexistent" } });
  return {
    settings: { requireFresh, deferFailures, jobs },
    repositories,
    cache: openCache({ directory: cacheDirectory }),
    projectDirectory,
    signal,
    memory: emptyMemory(repositories),
  };
}

function emptyMemory(repositories: Repositories): Memory {
  return {
    claims: new Claims((repository) => repositories.key(repository)),
    tags: new Map(),
    compositions: new Map(),
    layers: new Map(),
    trees: new Map(),
    held: new Map(),
  };
}

/** A row that keeps what it is told. */
export interface KeptRow extends Row {
  readonly lines: string[];
}

export function keepRow(): KeptRow {
  const lines: string[] = [];
  return { lines, log: (severity, message) => void lines.push(`${severity}: ${message}`), progress: () => undefined };
}

/** Folders for a project and a cache, removed by `remove`. */
export interface Workplace {
  readonly folder: string;
  readonly projectDirectory: string;
  readonly cacheDirectory: string;
  readonly remove: () => Promise<void>;
}

export async function makeWorkplace(): Promise<Workplace> {
  // Lower case, which buildah wants of the path of a layout.
  const folder = join(tmpdir(), `dhi-proof-${randomBytes(6).toString("hex")}`);
  await mkdir(folder, { mode: 0o700 });
  return {
    folder,
    projectDirectory: folder,
    cacheDirectory: join(folder, "cache"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
