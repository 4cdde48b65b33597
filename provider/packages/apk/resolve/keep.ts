import type { PackageNotice } from "../../packages.js";
import type { ApkDependency } from "../formats/apk-package.js";
import { formatDependency } from "../formats/dependency.js";
import { explainFailure, explainRemoval } from "./explain.js";
import type { GraphOptions } from "./graph.js";
import type { Wanted } from "./requests.js";
import { search, type Found } from "./search.js";
import { changeWorld } from "./world.js";

export interface KeepOptions extends GraphOptions {
  readonly world: readonly ApkDependency[];
  readonly upgrade: boolean;
  readonly maxSteps: number;
}

/**
 * What apk would choose, with the whole base kept. apk removes packages that nothing in world needs any more; packages of the base that
 * were orphans before (it may have no world at all) are kept as if world named them. Throws `DhiError` "conflict", "limit".
 */
export function searchKeeping(
  options: KeepOptions,
  wanted: readonly Wanted[],
): { readonly found: Found; readonly notices: readonly PackageNotice[] } {
  const { installed } = options;
  const named = new Set(wanted.map(({ dependency }) => dependency.name));
  // `apk upgrade` is told of no names.
  const asked = options.upgrade ? new Set<string>() : named;
  const unknown = options.world.filter((dependency) => !named.has(dependency.name) && isNowhere(dependency, options));
  const base = options.world.filter((dependency) => !unknown.includes(dependency));
  const changes = wanted.map(({ dependency }) => dependency);
  const solve = (world: readonly ApkDependency[]): Found => search({ ...options, world: changeWorld(world, changes), asked });
  const first = solve(base);
  if (!isMet(first)) throw explainFailure(first, wanted);
  const found = findRemoved(first, installed).length === 0 ? first : solve([...base, ...findOrphans(options, base)]);
  if (!isMet(found)) throw explainFailure(found, wanted);
  const removed = findRemoved(found, installed).map((one) => found.graph.package(one));
  if (removed.length > 0) throw explainRemoval(found, wanted, removed);
  return { found, notices: unknown.map(noticeUnknown) };
}

function isMet({ missing, failed }: Found): boolean {
  return missing.size === 0 && failed.size === 0;
}

function findRemoved(found: Found, installed: KeepOptions["installed"]): KeepOptions["installed"] {
  const there = new Set(found.chosen.map((one) => one.package.name));
  return installed.filter(({ name }) => !there.has(name));
}

/** What apk would remove from the base even without any request. */
function findOrphans(options: KeepOptions, world: readonly ApkDependency[]): readonly ApkDependency[] {
  const named = new Set(world.map(({ name }) => name));
  const alone = search({ ...options, world: changeWorld(world, []), asked: new Set() });
  const removed = findRemoved(alone, options.installed).filter(({ name }) => !named.has(name));
  return removed.map(({ name }) => ({ name, operator: "any", version: "", conflict: false, tag: undefined }));
}

/** A notice for an item of the base's world without any provider: it is unmet already, and stays so. */
function isNowhere({ name, conflict }: ApkDependency, { installed, lookup }: KeepOptions): boolean {
  if (conflict || lookup.candidates(name).length > 0) return false;
  return !installed.some((one) => one.name === name || one.provides.some((provided) => provided.name === name));
}

function noticeUnknown(dependency: ApkDependency): PackageNotice {
  const text = formatDependency(dependency);
  return {
    kind: "world",
    message: `the base's world requires ${text}, which neither the base nor an archive has`,
    package: dependency.name,
  };
}
