import { shortKeys } from "./keyrings-2048.js";
import { longKeys } from "./keyrings-4096.js";

/** A key of Alpine's archive that comes with this package. */
export interface ShippedApkKey {
  /** As signatures name it. */
  readonly name: string;
  /** Alpine's own names. */
  readonly architectures: readonly string[];
  /** PEM. */
  readonly pem: string;
}

/** What the package alpine-keys 2.4 trusts for each architecture. */
export const shippedApkKeys: readonly ShippedApkKey[] = [...longKeys, ...shortKeys];

/** The keys of Alpine's own archive for an architecture as apk names it, as `PackageSource.keys`. */
export function ownApkKeys(architecture: string): readonly string[] {
  return shippedApkKeys.filter(({ architectures }) => architectures.includes(architecture)).map(({ pem }) => pem);
}
