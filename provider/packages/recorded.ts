import type { FileTree } from "../rootfs/tree/file-tree.js";
import { recordedApk } from "./apk/install/recorded-packages.js";
import { recordedDebian } from "./deb/install/recorded-packages.js";
import type { RecordedPackage } from "./recorded-package.js";

/**
 * The packages that a root's package databases list, sorted by name and architecture: dpkg's in either form, and apk's. The tree's layers
 * must have been indexed with `keepOfBase`. Throws `DhiError` "invalid" for a damaged database, "limit" for one whose bytes were not kept.
 */
export function recordedPackages(tree: FileTree): readonly RecordedPackage[] {
  return [...recordedDebian(tree), ...recordedApk(tree)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ type, name, architecture, version }: RecordedPackage): string {
  return [type, name, architecture, version].join("\n");
}
