import { DhiError } from "../../../errors.js";
import { findNearest } from "../../nearest.js";
import type { PackageRequest } from "../../packages.js";
import type { ApkDependency, ApkPackage, ApkRepository } from "../formats/apk-package.js";
import { formatDependency, meets } from "../formats/dependency.js";
import type { ApkLookup } from "./graph.js";
import { readRequest } from "./world.js";

/** A request as a world item. */
export interface Wanted {
  readonly dependency: ApkDependency;
  readonly property: string;
}

export interface Available {
  readonly installed: readonly ApkPackage[];
  readonly lookup: ApkLookup;
  readonly repositories: readonly ApkRepository[];
}

/**
 * Requests as world items, each name once. Throws `DhiError` "conflict" for a name with contradicting requests, "not-found" for an unknown
 * name, version or tag.
 */
export function readRequests(requests: readonly PackageRequest[], available: Available): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const request of requests) {
    const { property } = request;
    const dependency = readRequest(request);
    const other = wanted.get(dependency.name);
    if (other !== undefined && formatDependency(other.dependency) !== formatDependency(dependency)) {
      throw failure(
        "conflict",
        property,
        `${describe(dependency)}, and ${describe(other.dependency)} by ${other.property}`,
        "Keep one of the two",
      );
    }
    if (!dependency.conflict) checkAvailable({ dependency, property }, available);
    wanted.set(dependency.name, { dependency, property });
  }
  return [...wanted.values()];
}

function describe(dependency: ApkDependency): string {
  return dependency.conflict ? `${formatDependency(dependency).slice(1)} is forbidden` : `${formatDependency(dependency)} is requested`;
}

function checkAvailable({ dependency, property }: Wanted, { installed, lookup, repositories }: Available): void {
  const { name, tag } = dependency;
  if (tag !== undefined && !repositories.some((repository) => repository.tag === tag)) {
    throw failure("not-found", property, `no repository has the tag @${tag}`, "Tags come from the base's etc/apk/repositories");
  }
  const candidates = [...installed, ...lookup.candidates(name)];
  const versions = candidates.flatMap((found) => [
    ...(found.name === name ? [{ found, version: found.version }] : []),
    ...found.provides.filter((provided) => provided.name === name).map(({ version }) => ({ found, version })),
  ]);
  if (versions.length === 0) {
    const nearest = findNearest(name, lookup.names());
    const hint = nearest.length === 0 ? "Check that packageSources has the archive that it is in" : `Did you mean ${nearest.join(", ")}?`;
    throw failure("not-found", property, `no archive has a package ${name}`, hint);
  }
  if (versions.some(({ found, version }) => meets(dependency, version, found.checksum))) return;
  const there = [...new Set(versions.map(({ version }) => version ?? "no version"))].join(", ");
  throw failure(
    "not-found",
    property,
    `there is no ${formatDependency(dependency)}: ${name} is available in ${there}`,
    `Write ${name} or one of these versions`,
  );
}

function failure(code: "not-found" | "conflict", property: string, message: string, hint: string): DhiError {
  return new DhiError(code, message, { origin: "packages", property, hint });
}
