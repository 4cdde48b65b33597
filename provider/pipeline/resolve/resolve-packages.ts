import { blame, DhiError } from "../../errors.js";
import { digestOf } from "../../image/digest.js";
import { architectureOf } from "../../image/platform.js";
import { detectDistribution, formatDistribution } from "../../packages/root/distribution.js";
import type { FamilyResolution } from "../../packages/family.js";
import type { Distribution, PackageRequest } from "../../packages/packages.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { ResourceLog, Session } from "../session.js";
import { versionsOf, type ResolvedPackages } from "./resolved-packages.js";
import type { Resolution } from "../state/resolution.js";
import { readTree } from "../sources/source-layers.js";
import { openSources, type Sources } from "../sources/sources.js";
import { packagesProperty, usesPackages, type ImageSpec } from "../spec/image-spec.js";

/** Versions that packages must resolve to. */
export interface HeldVersions {
  readonly versions: Resolution["packages"];
  /** Whether they were resolved with `upgradeInstalled`: no other package of the base is upgraded then. */
  readonly upgraded: boolean;
}

/** Resolves the declared packages for every platform, and the upgrades of those of the base. */
export async function resolvePackages(
  session: Session,
  spec: ImageSpec,
  sources: Sources,
  held: HeldVersions | undefined,
  log: ResourceLog,
): Promise<ResolvedPackages> {
  const key = requestKey(spec, sources, held);
  const known = session.memory.packages.get(key);
  if (known !== undefined) return known;
  const plan = session.memory.packages.run(key, () =>
    blame({ origin: "packages", property: packagesProperty(spec) }, () => resolvePlatforms(session, spec, sources, held, log)),
  );
  // Composing looks it up by the resolved versions.
  const found = await plan;
  session.memory.packages.set(requestKey(spec, sources, { versions: versionsOf(found), upgraded: true }), plan);
  return found;
}

/** What the base of a resolved image has, by platform; empty where no packages are added or upgraded. Asks nothing that composing did not. */
export async function installedInBase(
  session: Session,
  spec: ImageSpec,
  resolution: Resolution,
  log: ResourceLog,
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  if (!usesPackages(spec)) return new Map();
  const sources = await openSources(session, spec, resolution);
  const { platforms } = await resolvePackages(session, spec, sources, { versions: resolution.packages, upgraded: true }, log);
  return new Map([...platforms].map(([platform, { installed }]) => [platform, installed]));
}

async function resolvePlatforms(
  session: Session,
  spec: ImageSpec,
  sources: Sources,
  held: HeldVersions | undefined,
  log: ResourceLog,
): Promise<ResolvedPackages> {
  const platforms = new Map<string, FamilyResolution>();
  const distributions = new Map<string, Distribution>();
  const refusals = new Map<string, DhiError>();
  for (const platform of sources.platforms) {
    const source = await sources.base?.platforms.get(platform)?.();
    const base = source === undefined ? undefined : (await readTree(session, source, false, log)).tree;
    const distribution = distributionOf(spec, base);
    distributions.set(formatDistribution(distribution), distribution);
    log.progress(`resolving packages for ${platform}`);
    try {
      platforms.set(platform, await resolvePlatform(session, spec, distribution, base, platform, held));
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || !["not-found", "conflict", "invalid"].includes(thrown.code)) throw thrown;
      refusals.set(platform, thrown);
    }
  }
  refuseNamed(refusals, sources.platforms);
  const [distribution, ...others] = distributions.values();
  if (distribution === undefined || others.length > 0) {
    throw new DhiError("conflict", `the platforms of the base have different distributions: ${[...distributions.keys()].join(", ")}`, {
      origin: "base",
      property: "platforms",
    });
  }
  return { distribution, platforms };
}

/** Throws the first error, with its platforms when not all of them have it. */
function refuseNamed(refusals: ReadonlyMap<string, DhiError>, platforms: readonly string[]): void {
  const [first] = refusals.values();
  if (first === undefined) return;
  const same = [...refusals].flatMap(([platform, { message }]) => (message === first.message ? [platform] : []));
  if (same.length === platforms.length) throw first;
  const { code, message, origin, property, hint, cause } = first;
  throw new DhiError(code, `for ${same.join(" and ")}: ${message}`, { origin, property, hint, cause });
}

async function resolvePlatform(
  session: Session,
  { inputs, upgradeInstalled }: ImageSpec,
  distribution: Distribution,
  base: FileTree | undefined,
  platform: string,
  { versions, upgraded }: HeldVersions = { versions: {}, upgraded: false },
): Promise<FamilyResolution> {
  const family = session.packages.of(distribution);
  const requests = declaredRequests(inputs, distribution);
  const held = versions[platform];
  const pinned = new Set(requests.flatMap(({ name, version }) => (version === undefined ? [] : [name])));
  // A declared version takes precedence over a held one.
  return await family.resolve({
    distribution,
    base,
    architecture: architectureOf(platform),
    requests,
    held: held && Object.fromEntries(Object.entries(held).filter(([name]) => !pinned.has(name))),
    // What is new in the inputs is resolved, also while other versions are held.
    upgrade: upgradeInstalled !== true ? undefined : upgraded && held !== undefined ? "held" : "all",
    sources: inputs.packageSources ?? [],
    assumeInstalled: inputs.assumeInstalled ?? [],
  });
}

/** The packages that are declared for a family. */
export function declaredRequests(
  { packages = [] }: ImageSpec["inputs"],
  { family }: Pick<Distribution, "family">,
): readonly PackageRequest[] {
  return packages.flatMap((item, at): readonly PackageRequest[] => {
    const mine = item[family];
    return mine === undefined ? [] : [{ ...mine, property: `packages[${String(at)}]` }];
  });
}

function distributionOf({ distribution }: ImageSpec, base: FileTree | undefined): Distribution {
  if (base !== undefined) return detectDistribution(base);
  if (distribution !== undefined) return distribution;
  throw new DhiError("invalid", "packages need a distribution, but none is declared", { property: "distribution" });
}

function requestKey(
  { inputs, distribution, upgradeInstalled }: ImageSpec,
  { base, platforms }: Sources,
  held: HeldVersions | undefined,
): string {
  const { packages, packageSources, assumeInstalled } = inputs;
  return digestOf(
    JSON.stringify([packages, packageSources, assumeInstalled, upgradeInstalled, distribution, base?.digest, platforms, held]),
  );
}
