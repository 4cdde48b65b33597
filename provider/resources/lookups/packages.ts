import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatReference } from "../../image/reference.js";
import { architectureOf } from "../../image/platform.js";
import { detectDistribution } from "../../packages/root/distribution.js";
import type { ListedPackage } from "../../packages/family.js";
import { baseVersion } from "../customization/customization.js";
import { describeFailure, parseInputs } from "../parse.js";
import { openImage, type SourceImage } from "../../pipeline/sources/source-image.js";
import { readTree } from "../../pipeline/sources/source-layers.js";
import { resolveBase } from "../../pipeline/resolve/resolve.js";
import { object, platform, repository, text } from "../../pipeline/spec/schema.js";
import type { BaseSpec } from "../../pipeline/spec/image-spec.js";
import { requireVerified } from "../../pipeline/verify/verified.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import type { ValueMap } from "../../values.js";

const schema = object({
  repository,
  version: baseVersion,
  search: text("words to search for").optional(),
  platform: platform.optional(),
});

/**
 * The packages that can be added to an image or are in it, from the archives that a customization would use without
 * `packageSources`. Throws `DhiError`.
 */
export async function lookUpPackages(session: Session, args: ValueMap, log: ResourceLog): Promise<readonly ListedPackage[]> {
  const { value, failures } = parseInputs(schema, args);
  if (value === undefined) throw new DhiError("invalid", failures.map(describeFailure).join("\n"));
  const base = { repository: value.repository.repository, ...value.version };
  const digest = await resolveBase(session, base);
  const listed = await blame({ origin: "base", property: "version" }, async () => {
    await verifyBase(session, base, digest, value.platform);
    const image = await openImage(session, base.repository, digest, "base");
    const { name, source } = await openPlatform(image, value.platform);
    const { tree } = await readTree(session, source, false, log);
    const distribution = detectDistribution(tree);
    const architecture = architectureOf(name);
    return await session.packages.of(distribution).list({ distribution, base: tree, architecture, sources: [] });
  });
  return search(listed, value.search ?? "");
}

/** By the policy of the stack: as what a customization would take. */
async function verifyBase(session: Session, { repository, tag }: BaseSpec, digest: Digest, platform: string | undefined): Promise<void> {
  const { verify: policy } = session.settings;
  if (policy === undefined) return;
  const platforms = platform === undefined ? undefined : [platform];
  const named = { declared: "dhi:verify", property: "version", origin: "base", what: "the base" } as const;
  await requireVerified(session, [{ repository, tag, digest, platforms, policy, ...named }]);
}

async function openPlatform(image: SourceImage, wanted: string | undefined) {
  const names = [...image.platforms.keys()].sort();
  const name = wanted ?? names.find((one) => one === "linux/amd64") ?? names[0] ?? "any platform";
  const open = image.platforms.get(name);
  if (open !== undefined) return { name, source: await open() };
  throw new DhiError("not-found", `${formatReference(image)} has no image for ${name}; its platforms: ${names.join(", ") || "none"}`, {
    property: "platform",
  });
}

/** Packages with every word in name or description, ignoring case, with the best matches of names first. */
export function search(listed: readonly ListedPackage[], text: string): readonly ListedPackage[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return listed;
  const whole = words.join(" ");
  const distance = ({ name }: ListedPackage): number => {
    const lower = name.toLowerCase();
    if (lower === whole) return 0;
    if (lower.startsWith(whole)) return 1;
    return words.every((word) => lower.includes(word)) ? 2 : 3;
  };
  return listed
    .filter(({ name, description }) => words.every((word) => `${name} ${description}`.toLowerCase().includes(word)))
    .map((found) => ({ found, distance: distance(found) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ found }) => found);
}
