import { DhiError } from "../errors.js";

/**
 * Resolves with versions that are held. Where that fails and an archive has dropped one of them, this is what is told: `versions` gives
 * those of a name that can be had. Throws `DhiError` "not-found" of the property "resolution" then.
 */
export function resolveHeld<T>(held: Readonly<Record<string, string>>, versions: (name: string) => readonly string[], resolve: () => T): T {
  try {
    return resolve();
  } catch (thrown) {
    for (const [name, version] of Object.entries(held)) {
      const there = versions(name);
      if (there.includes(version)) continue;
      const has = there.length === 0 ? "" : `, but ${there.join(", ")}`;
      throw new DhiError("not-found", `no archive has ${name} ${version}, which is held${has}`, {
        origin: "packages",
        property: "resolution",
        hint: 'Take "resolution" out of ignoreChanges, or name an archive that keeps old versions in packageSources',
        cause: thrown,
      });
    }
    throw thrown;
  }
}
