import { blameSync } from "../../../errors.js";
import type { PackageRequest } from "../../packages.js";
import type { ApkDependency } from "../formats/apk-package.js";
import { formatDependency, parseDependencies, parseDependency } from "../formats/dependency.js";

/** `etc/apk/world`: the packages that are wanted (apk-world(5)). Throws `DhiError` "invalid". */
export function parseWorld(text: string): readonly ApkDependency[] {
  return parseDependencies(text, "etc/apk/world");
}

/** As apk writes it: one item a line. */
export function formatWorld(world: readonly ApkDependency[]): string {
  return world.map((dependency) => `${formatDependency(dependency)}\n`).join("");
}

/** What a request is in world: `name`, `name=version`, `name~version`, `name@tag`, `!name`. Throws `DhiError` "invalid". */
export function readRequest({ name, tag, version, forbidden, property }: PackageRequest): ApkDependency {
  const tagged = tag === undefined ? name : `${name}@${tag}`;
  const constraint = version === undefined ? "" : version.startsWith("~") ? version : `=${version}`;
  return blameSync({ origin: "packages", property, hint: "Write name, name=version, name~version, name@tag or !name" }, () =>
    parseDependency(`${forbidden === true ? "!" : ""}${tagged}${constraint}`, "package"),
  );
}

/** A new item replaces the one of the same name; sorted as apk does. */
export function changeWorld(world: readonly ApkDependency[], changes: readonly ApkDependency[]): readonly ApkDependency[] {
  const changed = new Map([...world, ...changes].map((dependency) => [dependency.name, dependency]));
  return [...changed.values()].toSorted((one, other) => compareNames(one.name, other.name));
}

/** Ignoring case first, then by case. */
function compareNames(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a !== b) return a < b ? -1 : 1;
  return one < other ? -1 : Number(one !== other);
}
