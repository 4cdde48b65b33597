import { DhiError } from "../errors.js";

/**
 * Resolves with held versions. If that fails because the archives dropped one of them, throws `DhiError` "not-found" of the property
 * "resolution" that says so. `versions` returns the available versions of a name.
 */
export function resolveHeld<T>(held: Readonly<Record<string, string>>, versions: (name: string) => readonly string[], resolve: () => T): T {
  try {
    return resolve();
  } catch (thrown) {
    for (const [name, version] of Object.entries(held)) {
      const there = versions(name);
      if (there.includes(version)) continue;
      const has = there.length === 0 ? "" : `, only ${there.join(", ")}`;
      throw new DhiError("not-found", `no archive has ${name} ${version}, the held version${has}`, {
        origin: "packages",
        property: "resolution",
        hint: 'Remove "resolution" from ignoreChanges, or use an archive that keeps old versions in packageSources',
        cause: thrown,
      });
    }
    throw thrown;
  }
}
