import type { ApkDependency, ApkPackage } from "../../../provider/packages/apk/formats/apk-package.js";
import { formatDependency, meets } from "../../../provider/packages/apk/formats/dependency.js";

/** What is wrong with a root that has these packages: the plain rules, without any way of choosing. */
export function findBroken(packages: readonly ApkPackage[], wanted: readonly ApkDependency[]): readonly string[] {
  const provided = new Map<string, { readonly by: ApkPackage; readonly version: string | undefined }[]>();
  for (const by of packages) {
    for (const { name, version } of [{ name: by.name, version: by.version }, ...by.provides]) {
      provided.set(name, [...(provided.get(name) ?? []), { by, version }]);
    }
  }
  const hits = (dependency: ApkDependency): boolean =>
    (provided.get(dependency.name) ?? []).some(({ by, version }) => meets(dependency, version, by.checksum));
  const unmet = (whose: string, dependencies: readonly ApkDependency[]): readonly string[] =>
    dependencies
      .filter((dependency) => hits(dependency) === dependency.conflict)
      .map((dependency) => `${whose} needs ${formatDependency(dependency)}`);
  const doubles = [...provided].flatMap(([name, providers]) => {
    const owners = new Set(providers.map(({ by }) => by));
    const isShared = providers.every(({ version }) => version === undefined);
    return owners.size > 1 && !isShared ? [`${name} is provided by ${[...owners].map((by) => by.name).join(" and ")}`] : [];
  });
  return [...packages.flatMap((one) => unmet(one.name, one.depends)), ...unmet("world", wanted), ...doubles];
}

/** The root after packages were added: those of the base that were not replaced, and the new ones. */
export function mergePackages(base: readonly ApkPackage[], added: readonly ApkPackage[]): readonly ApkPackage[] {
  const replaced = new Set(added.map(({ name }) => name));
  return [...base.filter(({ name }) => !replaced.has(name)), ...added];
}
