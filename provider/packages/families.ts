import type { Cache } from "../cache/cache.js";
import { Alpine } from "./apk/alpine.js";
import { Debian } from "./deb/debian.js";
import type { PackageFamily } from "./family.js";
import { createFetcher } from "./fetch.js";
import type { DeclaredSource, Distribution } from "./packages.js";

export interface FamiliesOptions {
  readonly cache: Cache;
  /** Stack config `dhi:packageSources`, by distribution. */
  readonly configured: Readonly<Record<string, readonly DeclaredSource[]>>;
  readonly signal?: AbortSignal | undefined;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** The package managers' equals; one for an operation, opened when first asked for. */
export interface Families {
  of(distribution: Pick<Distribution, "family">): PackageFamily;
}

export function openFamilies({ cache, configured, signal, env }: FamiliesOptions): Families {
  const families: Partial<Record<Distribution["family"], PackageFamily>> = {};
  return {
    of: ({ family }) => {
      const options = (): ConstructorParameters<typeof Alpine>[0] => ({
        cache,
        configured,
        fetcher: createFetcher({ cache, signal, env }),
      });
      return (families[family] ??= family === "alpine" ? new Alpine(options()) : new Debian(options()));
    },
  };
}
