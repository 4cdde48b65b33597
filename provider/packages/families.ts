import type { Cache } from "../cache/cache.js";
import { digestOf, type Digest } from "../image/digest.js";
import { Alpine } from "./apk/alpine.js";
import { splitLogin, type Login } from "./fetch/credentials.js";
import { Debian } from "./deb/debian.js";
import type { PackageFamily } from "./family.js";
import { createFetcher } from "./fetch/fetch.js";
import type { DeclaredSource } from "./declared-source.js";
import type { Distribution } from "./packages.js";
import { userHosts } from "./fetch/hosts.js";

export interface FamiliesOptions {
  readonly cache: Cache;
  /** Stack config `dhi:packageSources`, by distribution. */
  readonly configured: Readonly<Record<string, readonly DeclaredSource[]>>;
  /** Stack config `dhi:packageHosts`: `host` or `host:port` that a base may name too. */
  readonly hosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** The package families; one of each per operation, opened on first use. */
export interface Families {
  of(distribution: Pick<Distribution, "family">): PackageFamily;
  /** A digest of the stack config for a distribution (`debian:bookworm`), without logins; undefined if it has none. */
  settingsOf(distribution: string): Digest | undefined;
}

/** Throws `DhiError` "invalid" for invalid `hosts`. */
export function openFamilies({ cache, configured, hosts, signal, env }: FamiliesOptions): Families {
  const named = userHosts({ listed: hosts, configured });
  const families: Partial<Record<Distribution["family"], PackageFamily>> = {};
  return {
    settingsOf: (distribution) => {
      const sources = Object.hasOwn(configured, distribution) ? (configured[distribution] ?? []) : [];
      if (sources.length === 0) return undefined;
      return digestOf(JSON.stringify(sources.map((source) => ({ ...source, url: splitLogin(source.url).url }))));
    },
    of: ({ family }) => {
      const options = (): ConstructorParameters<typeof Alpine>[0] => {
        const fetcher = createFetcher({ cache, signal, env, userHosts: named });
        // Archives in state, which have no logins, are checked before any source is looked up.
        fetcher.addLogins(loginsOf(configured), "stack config");
        return { cache, configured, fetcher };
      };
      return (families[family] ??= family === "alpine" ? new Alpine(options()) : new Debian(options()));
    },
  };
}

function loginsOf(configured: FamiliesOptions["configured"]): readonly Login[] {
  return Object.values(configured)
    .flat()
    .flatMap(({ url }) => splitLogin(url).login ?? []);
}
