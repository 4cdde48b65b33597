import { openCache, type OpenedCache } from "../cache/open.js";
import { openRepositories } from "../registry/open.js";
import { Claims } from "../resources/published-image/claims.js";
import type { Session } from "../resources/session.js";
import type { StackSettings } from "./settings.js";

/** A session whose cache can be trimmed at its end. */
export interface OpenedSession extends Session {
  readonly cache: OpenedCache;
}

/** What one operation shares: the cache, the repositories, and a memory that is empty. */
export function openSession(settings: StackSettings, projectDirectory: string, signal: AbortSignal): OpenedSession {
  const repositories = openRepositories({ registries: settings.registries, projectDirectory, signal });
  return {
    settings,
    repositories,
    cache: openCache({ directory: settings.cacheDirectory }),
    projectDirectory,
    signal,
    memory: {
      claims: new Claims((repository) => repositories.key(repository)),
      tags: new Map(),
      compositions: new Map(),
      layers: new Map(),
      trees: new Map(),
      held: new Map(),
    },
  };
}
