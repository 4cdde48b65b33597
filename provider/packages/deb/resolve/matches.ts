import { satisfies, type Dependency } from "../formats/dependency.js";
import type { DebianPackage } from "./package.js";

/** Whether a package meets `dependency` by its own name and version. */
export function matchesByName(dependency: Dependency, found: DebianPackage, architecture: string): boolean {
  return dependency.name === found.name && qualifies(dependency, found, architecture) && satisfies(found.version, dependency.constraint);
}

/** Whether a package meets `dependency` by what it provides; a provided name without a version meets no constraint. */
export function matchesByProvides(dependency: Dependency, found: DebianPackage, architecture: string): boolean {
  if (!qualifies(dependency, found, architecture)) return false;
  return found.provides.some(({ name, version }) => name === dependency.name && satisfies(version, dependency.constraint));
}

export function matches(dependency: Dependency, found: DebianPackage, architecture: string): boolean {
  return matchesByName(dependency, found, architecture) || matchesByProvides(dependency, found, architecture);
}

/** `name:any` is met only by `Multi-Arch: allowed`, as in apt and dpkg; `name:arch` by the image's own architecture. */
function qualifies(dependency: Dependency, found: DebianPackage, architecture: string): boolean {
  switch (dependency.architecture) {
    case undefined:
    case "native":
    case architecture:
      return true;
    case "any":
      return found.multiArch === "allowed";
    default:
      return false;
  }
}
