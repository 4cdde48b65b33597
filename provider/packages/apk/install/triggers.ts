import type { RawPath } from "../../../rootfs/tree/node.js";
import { matchesPattern } from "../../scripts/patterns/shell-patterns.js";
import type { InstalledState } from "./installed-state.js";

/** What a package's trigger watches: patterns of directories, as in its `.PKGINFO`. */
export interface ApkTrigger {
  /** `Q1…` of the package. */
  readonly checksum: string;
  readonly patterns: readonly string[];
}

/** `triggers` of apk's database: a line for each package, its checksum and its patterns. */
export function parseTriggers(text: string): readonly ApkTrigger[] {
  return text.split("\n").flatMap((line) => {
    const [checksum = "", ...patterns] = line.split(" ").filter((word) => word !== "");
    return checksum === "" ? [] : [{ checksum, patterns }];
  });
}

export function formatTriggers(triggers: readonly ApkTrigger[]): string {
  return triggers.map(({ checksum, patterns }) => `${[checksum, ...patterns].join(" ")}\n`).join("");
}

/**
 * The directories that a trigger is called with, each with its leading slash, sorted (apk has no order): for a package that was just
 * added, those of any installed package, else those whose content changed.
 */
export function triggeredBy({ patterns }: ApkTrigger, state: InstalledState, changed: ReadonlySet<RawPath> | "all"): readonly string[] {
  const all = new Set(state.packages.flatMap(({ directories }) => [...directories.keys()]));
  const parts = patterns.filter((pattern) => pattern.startsWith("/")).map((pattern) => pattern.slice(1).split("/"));
  return [...all]
    .filter((path) => path !== "" && (changed === "all" || changed.has(path)) && parts.some((pattern) => matchesPath(path, pattern)))
    .sort()
    .map((path) => `/${path}`);
}

/** fnmatch(3) with FNM_PATHNAME. */
function matchesPath(path: RawPath, pattern: readonly string[]): boolean {
  const parts = path.split("/");
  return parts.length === pattern.length && pattern.every((part, at) => matchesPattern(parts[at] ?? "", part));
}
