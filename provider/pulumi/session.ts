import { Memo } from "../async/memo.js";
import { openSigners } from "../attestation/signing/signers.js";
import { openCache, type OpenedCache } from "../cache/open.js";
import { placeCache } from "../cache/place.js";
import { openFamilies } from "../packages/families.js";
import { openRepositories } from "../registry/open.js";
import { Claims } from "../pipeline/tags/claims.js";
import type { Session } from "../pipeline/session.js";
import type { StackSettings } from "./settings.js";

/** A session whose cache can be trimmed when it ends. */
export interface OpenedSession extends Session {
  readonly cache: OpenedCache;
}

/** What one operation shares: the cache, the repositories, and an empty memory. */
export function openSession(
  settings: StackSettings,
  projectDirectory: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): OpenedSession {
  const cache = openCache({ directory: placeCache(settings.cacheDirectory, env) });
  const repositories = openRepositories({ registries: settings.registries, projectDirectory, signal, env });
  return {
    settings,
    repositories,
    cache,
    packages: openFamilies({ cache, configured: settings.packageSources, hosts: settings.packageHosts, signal, env }),
    signers: openSigners({ projectDirectory, env, signal }),
    projectDirectory,
    signal,
    now: Date.now,
    memory: {
      claims: new Claims((repository) => repositories.key(repository)),
      tags: new Memo(),
      tagLists: new Memo(),
      matched: new Map(),
      promised: new Set(),
      composed: new Set(),
      compositions: new Map(),
      layers: new Memo(),
      trees: new Memo(),
      held: new Map(),
      ripening: new Map(),
      packages: new Memo(),
    },
  };
}
