import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { Distribution, InstallPackages, PackageNotice, PackageRequest, UnpackedPackage } from "../../packages/packages.js";
import { MAX_WEIGHT, ofPackage } from "../../packages/unpack/package-limits.js";
import { IndexWeight } from "../../rootfs/layers/index-weight.js";
import { formatSize } from "../../text/format-size.js";
import { mapParallel } from "../../async/parallel.js";
import type { ResourceLog, Session } from "../session.js";
import { declaredRequests, resolvePackages } from "../resolve/resolve-packages.js";
import type { Resolution } from "../state/resolution.js";
import type { Sources } from "../sources/sources.js";
import { packagesProperty, usesPackages, type ImageSpec } from "../spec/image-spec.js";

/** Packages for one platform, ready to be installed. */
export interface UnpackedPackages {
  readonly distribution: Distribution;
  readonly unpacked: readonly UnpackedPackage[];
  /** The requests that are declared for the family. */
  readonly requests: readonly PackageRequest[];
  /** Whether packages of the base are upgraded too. */
  readonly upgrade: boolean;
  readonly install: InstallPackages;
  /** Notices of the resolution. */
  readonly notices: readonly PackageNotice[];
  /** The path of the uncompressed payload, by the digest of the package. */
  readonly payloads: ReadonlyMap<Digest, () => Promise<string>>;
}

const jobs = 2;

/** Downloads and unpacks the resolved packages; undefined when none are declared or to be upgraded. */
export async function unpackPackages(
  session: Session,
  spec: ImageSpec,
  resolution: Resolution,
  sources: Sources,
  platform: string,
  log: ResourceLog,
): Promise<UnpackedPackages | undefined> {
  if (!usesPackages(spec)) return undefined;
  const plan = await resolvePackages(session, spec, sources, { versions: resolution.packages, upgraded: true }, log);
  const found = plan.platforms.get(platform);
  if (found === undefined) throw new DhiError("not-found", `packages were not resolved for ${platform}`);
  const family = session.packages.of(plan.distribution);
  const total = found.added.reduce((sum, { payload }) => sum + payload.size, 0);
  const weight = new IndexWeight(MAX_WEIGHT);
  let done = 0;
  const unpacked = await blame({ origin: "packages", property: packagesProperty(spec) }, () =>
    mapParallel(found.added, jobs, async (added) => {
      const one = await family.unpack(added);
      weigh(weight, one);
      done += added.payload.size;
      log.progress(`packages for ${platform}: ${formatSize(done)} of ${formatSize(total)}`);
      return one;
    }),
  );
  const payloads = new Map(unpacked.map((one) => [one.payload, () => family.payloadTar(one)] as const));
  const requests = declaredRequests(spec.inputs, plan.distribution);
  const upgrade = spec.upgradeInstalled === true;
  return { distribution: plan.distribution, unpacked, requests, upgrade, install: family.install, notices: found.notices, payloads };
}

/** Throws `DhiError` "limit" when this package and the previous ones have too many entries for memory. */
function weigh(weight: IndexWeight, { package: { name }, entries }: UnpackedPackage): void {
  try {
    for (const entry of entries) weight.add(entry);
  } catch (thrown) {
    throw ofPackage(`${name}, with those before it`, thrown);
  }
}
