import type { PackageRequest } from "../packages.js";
import { formatDependency, parseDependencies } from "./dependency.js";
import { compareNames } from "./installed-state.js";

/** The text of `/etc/apk/world` with what was asked for: one a line, sorted as apk sorts them; what is wanted of a name replaces what was. */
export function addToWorld(text: string, requests: readonly PackageRequest[]): string {
  const asked = requests.map(
    ({ name, version, forbidden }) => `${forbidden === true ? "!" : ""}${name}${version === undefined ? "" : `=${version}`}`,
  );
  const wanted = [text, ...asked].flatMap((words) => parseDependencies(words, "/etc/apk/world"));
  return [...new Map(wanted.map((dependency) => [dependency.name, dependency])).values()]
    .sort((a, b) => compareNames(a.name, b.name))
    .map((dependency) => `${formatDependency(dependency)}\n`)
    .join("");
}
