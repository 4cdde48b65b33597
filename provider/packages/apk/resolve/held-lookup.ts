import type { ApkPackage } from "../formats/apk-package.js";
import type { ApkLookup } from "./graph.js";

/**
 * Restricts each held name to the one version that may be added; packages of the base stay visible. With `onlyHeld`, packages of the base that
 * are not held have no other version.
 */
export function holdVersions(
  lookup: ApkLookup,
  held: Readonly<Record<string, string>>,
  installed: readonly ApkPackage[],
  onlyHeld: boolean,
): ApkLookup {
  const kept = onlyHeld ? installed.map(({ name, version }) => [name, version] as const) : [];
  const versions = new Map([...kept, ...Object.entries(held)]);
  const present = new Set(installed.map(({ checksum }) => checksum));
  const may = ({ name, version, checksum }: ApkPackage): boolean => (versions.get(name) ?? version) === version || present.has(checksum);
  return {
    names: () => lookup.names(),
    candidates: (name) => lookup.candidates(name).filter(may),
    installedWith: (name) => lookup.installedWith(name).filter(may),
  };
}
