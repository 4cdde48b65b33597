import { isDigest } from "../../image/digest.js";
import { formatDistribution } from "../../packages/root/distribution.js";
import type { Families } from "../../packages/families.js";
import type { FamilyResolution, UsedArchive } from "../../packages/family.js";
import type { Distribution } from "../../packages/packages.js";
import { isList, isMap, type Value } from "../../values.js";
import type { Resolution } from "../state/resolution.js";

/** The packages of an image, found but not fetched. */
export interface ResolvedPackages {
  readonly distribution: Distribution;
  readonly platforms: ReadonlyMap<string, FamilyResolution>;
}

/** Platform to name to version. */
export function versionsOf({ platforms }: ResolvedPackages): Resolution["packages"] {
  return Object.fromEntries(
    [...platforms].map(([platform, { added }]) => [
      platform,
      Object.fromEntries(added.map(({ name, version }) => [name, version] as const).sort(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  );
}

/** Each archive once, whatever the number of platforms, with what stack config said of where packages come from. */
export function archivesOf({ distribution: of, platforms }: ResolvedPackages, families: Families): readonly UsedArchive[] {
  const distribution = formatDistribution(of);
  const settings = families.settingsOf(distribution);
  const all = [...platforms.values()]
    .flatMap(({ archives }) => archives)
    .map((archive) => (archive.origin === "packageSources" ? archive : { ...archive, distribution, ...(settings && { settings }) }));
  return [...new Map(all.map((archive) => [JSON.stringify(archive), archive])).values()];
}

/** The archives in state; undefined when there are none. */
export function parseArchives(value: Value | undefined): readonly UsedArchive[] | undefined {
  if (!isList(value) || value.length === 0) return undefined;
  const archives = value.flatMap((item): readonly UsedArchive[] => {
    if (!isMap(item)) return [];
    const { url, suite, components, origin, digest, date, distribution, settings } = item;
    // State of 0.1 knew Debian alone.
    const family = item["family"] === "alpine" ? "alpine" : "debian";
    if (typeof url !== "string" || typeof suite !== "string" || !isList(components) || !isDigest(digest)) return [];
    return [
      {
        family,
        url,
        suite,
        components: components.filter((name) => typeof name === "string"),
        origin: origin as UsedArchive["origin"],
        digest,
        ...(typeof date === "string" ? { date } : {}),
        ...(typeof distribution === "string" ? { distribution } : {}),
        ...(typeof settings === "string" ? { settings } : {}),
      },
    ];
  });
  return archives.length === value.length ? archives : undefined;
}
