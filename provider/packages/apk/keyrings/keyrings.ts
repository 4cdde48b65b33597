import { shortKeys } from "./rsa-2048.js";
import { longKeys } from "./rsa-4096.js";
import type { ShippedApkKey } from "./shipped-key.js";

/** What the package alpine-keys 2.4 trusts for each architecture. */
export const shippedApkKeys: readonly ShippedApkKey[] = [...longKeys, ...shortKeys];

/** The keys of Alpine's own archive for an architecture as apk names it, as `PackageSource.keys`. */
export function ownApkKeys(architecture: string): readonly string[] {
  return shippedApkKeys.filter(({ architectures }) => architectures.includes(architecture)).map(({ pem }) => pem);
}
