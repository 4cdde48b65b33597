import { z } from "zod";
import { formatDistribution } from "../../packages/root/distribution.js";
import type { Families } from "../../packages/families.js";
import { usedArchiveSchema, type UsedArchive } from "../../packages/used-archive.js";
import type { FamilyResolution } from "../../packages/family.js";
import type { Distribution } from "../../packages/packages.js";
import type { Value } from "../../values.js";
import type { Resolution } from "../state/resolution.js";

/** The packages of an image, resolved but not downloaded. */
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

/** Each archive once for all platforms, with the sources that stack config determined. */
export function archivesOf({ distribution: of, platforms }: ResolvedPackages, families: Families): readonly UsedArchive[] {
  const distribution = formatDistribution(of);
  const settings = families.settingsOf(distribution);
  const all = [...platforms.values()]
    .flatMap(({ archives }) => archives)
    .map((archive) => (archive.origin === "packageSources" ? archive : { ...archive, distribution, ...(settings && { settings }) }));
  return [...new Map(all.map((archive) => [JSON.stringify(archive), archive])).values()];
}

const archivesSchema = z.array(usedArchiveSchema).nonempty();

/** The archives in state; undefined when there are none, or when one is incomplete. */
export function parseArchives(value: Value | undefined): readonly UsedArchive[] | undefined {
  return archivesSchema.safeParse(value).data;
}
