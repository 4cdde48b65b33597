import type { Cache } from "../cache/cache.js";
import { DhiError } from "../errors.js";
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
  /** Throws `DhiError` "invalid" for a distribution whose packages cannot be added. */
  of(distribution: Pick<Distribution, "family">): PackageFamily;
}

export function openFamilies({ cache, configured, signal, env }: FamiliesOptions): Families {
  let debian: Debian | undefined;
  return {
    of: ({ family }) => {
      if (family !== "debian") {
        throw new DhiError("invalid", `packages of ${family} cannot be added yet`, {
          property: "packages",
          hint: "Take a Debian base, or files from an image by artifacts",
        });
      }
      return (debian ??= new Debian({ cache, configured, fetcher: createFetcher({ cache, signal, env }) }));
    },
  };
}
