import type { FileTree } from "../rootfs/tree/file-tree.js";
import { recordedApk } from "./apk/install/recorded-packages.js";
import { recordedDebian } from "./deb/install/recorded-packages.js";
import type { RecordedPackage } from "./recorded-package.js";

/**
 * The packages that a root's package databases list, each once, sorted by name and architecture: dpkg's in either form, and apk's. The tree's layers
 * must have been indexed with `keepOfBase`. Throws `DhiError` "invalid" for a damaged database, "limit" for one whose bytes were not kept.
 */
export function recordedPackages(tree: FileTree): readonly RecordedPackage[] {
  const listed = new Map([...recordedDebian(tree), ...recordedApk(tree)].map((one) => [keyOf(one), one]));
  return [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function keyOf({ type, name, architecture, version }: RecordedPackage): string {
  return [type, name, architecture, version].join("\n");
}
