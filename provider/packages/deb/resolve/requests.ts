import { DhiError } from "../../../errors.js";
import type { PackageRequest } from "../../packages.js";
import type { Candidates } from "./candidates.js";
import { compareDebianVersions } from "../formats/version.js";
import { findNearest } from "../../nearest.js";
import type { DebianPackage } from "./package.js";

/** Requests, resolved to packages. */
export interface Wanted {
  /** Each once, in the order in which they were requested. */
  readonly packages: readonly DebianPackage[];
  /** Forbidden names, with the property that forbids them. */
  readonly forbidden: ReadonlyMap<string, string>;
}

/** The requested versions by name. Throws `DhiError` "conflict" where two differ. */
export function readPins(requests: readonly PackageRequest[]): ReadonlyMap<string, string> {
  const pins = new Map<string, string>();
  for (const { name, tag, version, property } of requests) {
    if (tag !== undefined || version?.startsWith("~") === true) {
      throw failure("invalid", property, `${name} is requested in a form that only Alpine has`, "Write name or name=version");
    }
    const colon = name.indexOf(":");
    if (colon >= 0) {
      const plain = name.slice(0, colon);
      const message = `${name} has the architecture qualifier ${name.slice(colon)}, which is not supported: packages are those of each platform's architecture`;
      throw failure("invalid", property, message, `Write ${plain}, and set platforms to restrict it`);
    }
    if (version === undefined) continue;
    const other = pins.get(name);
    if (other !== undefined && other !== version) {
      throw failure("conflict", property, `${name} is requested in two versions, ${other} and ${version}`, "Keep one");
    }
    pins.set(name, version);
  }
  return pins;
}

/**
 * The packages that requests name. A virtual name with a single provider means that package, as with apt-get install; a plain name that
 * the base has is satisfied. Throws `DhiError` "not-found" or "conflict".
 */
export function readRequests(requests: readonly PackageRequest[], candidates: Candidates): Wanted {
  const forbidden = new Map(requests.filter((request) => request.forbidden === true).map(({ name, property }) => [name, property]));
  const packages = new Set<DebianPackage>();
  for (const request of requests) {
    if (request.forbidden === true) continue;
    const forbiddenBy = forbidden.get(request.name);
    if (forbiddenBy !== undefined) {
      throw failure("conflict", request.property, `${request.name} is requested, but ${forbiddenBy} forbids it`, "Remove one of the two");
    }
    const found = findRequested(request, candidates);
    if (found !== undefined) packages.add(found);
  }
  return { packages: [...packages], forbidden };
}

function findRequested(request: PackageRequest, candidates: Candidates): DebianPackage | undefined {
  const { name, version, property } = request;
  const current = candidates.installed.get(name);
  if (current !== undefined && version === undefined) return undefined;
  const candidate = candidates.candidate(name);
  if (candidate !== undefined) {
    if (candidate === current) return undefined;
    if (current !== undefined && compareDebianVersions(candidate.version, current.version) < 0) throw older(request, current);
    return candidate;
  }
  if (version !== undefined && (current !== undefined || candidates.versions(name).length > 0)) throw wrongVersion(request, candidates);
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
      "Request one of these",
    );
  }
  return candidates.installed.get(only.name) === only ? undefined : only;
}

function older({ name, version = "", property }: PackageRequest, current: DebianPackage): DhiError {
  const message = `${name} is requested in version ${version}, but the base has ${current.version}, and packages are never downgraded`;
  return failure("conflict", property, message, `Write ${name}, or use a base without it`);
}

function wrongVersion({ name, version = "", property }: PackageRequest, candidates: Candidates): DhiError {
  const current = candidates.installed.get(name);
  const there = [...new Set([...(current === undefined ? [] : [current]), ...candidates.versions(name)])].map((one) => {
    return one === current ? `${one.version} (the base's)` : one.version;
  });
  const message = `${name} is not available in version ${version}, only in ${there.join(", ")}`;
  return failure("not-found", property, message, `Write ${name} or one of these versions`);
}

function unknown(name: string, property: string, candidates: Candidates): DhiError {
  const [unreadable] = candidates.unreadable(name);
  if (unreadable !== undefined)
    return failure(
      "invalid",
      property,
      `${name} cannot be read from its archive: ${unreadable}`,
      "Report it to the maintainers of the archive",
    );
  const nearest = findNearest(name, candidates.names());
  const hint = nearest.length === 0 ? "Check that packageSources has the archive that it is in" : `Did you mean ${nearest.join(", ")}?`;
  return failure("not-found", property, `no archive has a package ${name}`, hint);
}

function failure(code: "not-found" | "conflict" | "invalid", property: string, message: string, hint: string): DhiError {
  return new DhiError(code, message, { origin: "packages", property, hint });
}
