import type { RawPath } from "../../../rootfs/tree/node.js";
import { fromTarName } from "../../../rootfs/tree/raw-path.js";

export interface Diversion {
  readonly from: RawPath;
  readonly to: RawPath;
  /** The package whose own files are not diverted; `:` is the administrator: then all packages are diverted. */
  readonly owner: string;
}

/** `var/lib/dpkg/diversions`: three lines each (dpkg-divert(1)). */
export function parseDiversions(text: string): readonly Diversion[] {
  const lines = text.split("\n");
  return Array.from({ length: Math.floor(lines.length / 3) }, (_, at) => ({
    from: fromTarName(lines[3 * at] ?? ""),
    to: fromTarName(lines[3 * at + 1] ?? ""),
    owner: lines[3 * at + 2] ?? ":",
  }));
}

export function formatDiversions(diversions: readonly Diversion[]): string {
  return diversions.map(({ from, to, owner }) => `/${from}\n/${to}\n${owner}\n`).join("");
}

/** Where a package's file is actually placed. */
export function divert(diversions: readonly Diversion[], packageName: string, path: RawPath): RawPath {
  return diversions.find(({ from, owner }) => from === path && owner !== packageName)?.to ?? path;
}
