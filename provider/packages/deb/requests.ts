import { DhiError } from "../../errors.js";
import type { PackageRequest } from "../packages.js";
import type { Candidates } from "./candidates.js";
import { findNearest } from "./resolve-nearest.js";
import type { DebianPackage } from "./resolve-package.js";

/** What requests come down to. */
export interface Wanted {
  /** Each once, in the order in which they were asked for. */
  readonly packages: readonly DebianPackage[];
  /** Names that must not come in, with the property that says so. */
  readonly forbidden: ReadonlyMap<string, string>;
}

/** The versions that were asked for, by name. Throws `DhiError` "conflict" where two differ. */
export function readPins(requests: readonly PackageRequest[]): ReadonlyMap<string, string> {
  const pins = new Map<string, string>();
  for (const { name, version, property } of requests) {
    if (version === undefined) continue;
    const other = pins.get(name);
    if (other !== undefined && other !== version) {
      throw failure("conflict", property, `${name} is asked for in two versions, ${other} and ${version}`, "Keep one");
    }
    pins.set(name, version);
  }
  return pins;
}

/**
 * The packages that requests name. A virtual name that one package provides means that one, as with apt-get install; a plain name that
 * the base has is met. Throws `DhiError` "not-found" or "conflict".
 */
export function readRequests(requests: readonly PackageRequest[], candidates: Candidates): Wanted {
  const forbidden = new Map(requests.filter((request) => request.forbidden === true).map(({ name, property }) => [name, property]));
  const packages = new Set<DebianPackage>();
  for (const request of requests) {
    if (request.forbidden === true) continue;
    const barred = forbidden.get(request.name);
    if (barred !== undefined) {
      throw failure("conflict", request.property, `${request.name} is asked for, and ${barred} forbids it`, "Take one of the two away");
    }
    const found = findRequested(request, candidates);
    if (found !== undefined) packages.add(found);
  }
  return { packages: [...packages], forbidden };
}

function findRequested({ name, version, property }: PackageRequest, candidates: Candidates): DebianPackage | undefined {
  const current = candidates.installed.get(name);
  if (current !== undefined && (version === undefined || version === current.version)) return undefined;
  const versions = candidates.versions(name);
  const candidate = candidates.candidate(name);
  if (candidate !== undefined) return candidate;
  if (version !== undefined && versions.length > 0) {
    const there = versions.map((one) => one.version).join(", ");
    throw failure(
      "not-found",
      property,
      `${name} is not there in version ${version}, but in ${there}`,
      `Write ${name} or one of these versions`,
    );
  }
  const providers = candidates.providers(name);
  const [only, ...others] = providers;
  if (only === undefined) throw unknown(name, property, candidates);
  if (version !== undefined || others.length > 0) {
    const names = [...new Set(providers.map((provider) => provider.name))].toSorted();
    const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
    throw failure(
      "not-found",
      property,
      `${name} is a virtual package, provided by ${names.slice(0, 10).join(", ")}${more}`,
      "Name one of these",
    );
  }
  return candidates.installed.get(only.name) === only ? undefined : only;
}

function unknown(name: string, property: string, candidates: Candidates): DhiError {
  const nearest = findNearest(name, candidates.names());
  const hint = nearest.length === 0 ? "See whether packageSources has the archive that it is in" : `Did you mean ${nearest.join(", ")}?`;
  return failure("not-found", property, `no archive has a package ${name}`, hint);
}

function failure(code: "not-found" | "conflict", property: string, message: string, hint: string): DhiError {
  return new DhiError(code, message, { origin: "packages", property, hint });
}
