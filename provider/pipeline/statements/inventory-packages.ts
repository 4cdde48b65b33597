import type { Download, InventoryPackage } from "../../attestation/inventory.js";
import { isDigest } from "../../image/digest.js";
import { isHardened } from "../../packages/hardened.js";
import type { UnpackedPackage } from "../../packages/packages.js";
import { recordedPackages } from "../../packages/recorded.js";
import type { RecordedPackage } from "../../packages/recorded-package.js";
import type { RootSystem } from "../../packages/root/operating-system.js";
import type { PlannedPlatform } from "../compose/planned-platform.js";

/** The packages that the finished root lists, and how each got there. */
export function inventoryPackages({ base, packages, plan }: PlannedPlatform, system: RootSystem | undefined): readonly InventoryPackage[] {
  const before = new BasePackages(recordedPackages(base));
  const added = new Map(packages?.unpacked.map((one) => [`${one.package.name} ${one.package.version}`, one]));
  return recordedPackages(plan.tree).map((recorded): InventoryPackage => {
    const replaces = before.replacedBy(recorded);
    const origin = before.has(recorded) ? "base" : replaces === undefined ? "added" : "upgraded";
    const from = origin === "base" ? undefined : added.get(`${recorded.name} ${recorded.version}`);
    return {
      ...recorded,
      ...namesOf(recorded, system, origin === "base" || isHardened({ version: recorded.version, url: from?.package.payload.url })),
      origin,
      download: from && downloadOf(from),
      replaces: origin === "upgraded" ? replaces : undefined,
    };
  });
}

/**
 * Namespace and distribution of a purl. Scanners judge what is named after a hardened image by its vendor's advisories alone, so a package
 * from elsewhere keeps the name of the distribution that it was made for.
 */
function namesOf(
  { type }: RecordedPackage,
  system: RootSystem | undefined,
  isOwn: boolean,
): Pick<InventoryPackage, "namespace" | "distro"> {
  if (system === undefined) return { namespace: type === "deb" ? "debian" : "alpine", distro: "" };
  const { id, version } = isOwn ? system : system.madeOf;
  return { namespace: id, distro: type === "deb" ? [id, version].filter((part) => part !== "").join("-") : version };
}

/** The URL is left out where any machine may have another: the mirrors of Debian and Alpine. */
function downloadOf({ package: { payload: stated }, payload }: UnpackedPackage): Download {
  const { checksum, source, url } = stated;
  const isNamed = source.origin !== "public" && source.origin !== "machine" && /^https?:/.test(url);
  const named = isNamed ? { url } : {};
  return isDigest(checksum) ? { file: checksum, ...named } : { segments: { data: payload, control: checksum }, ...named };
}

/** The packages of a base, by name. */
class BasePackages {
  readonly #versions = new Map<string, RecordedPackage[]>();

  constructor(packages: readonly RecordedPackage[]) {
    for (const one of packages) {
      const known = this.#versions.get(one.name);
      if (known === undefined) this.#versions.set(one.name, [one]);
      else known.push(one);
    }
  }

  has({ type, name, version, architecture }: RecordedPackage): boolean {
    return this.#named(name).some((one) => one.type === type && one.version === version && one.architecture === architecture);
  }

  /** The version that the base has under the same name. */
  replacedBy({ type, name, architecture }: RecordedPackage): string | undefined {
    const same = this.#named(name).filter((one) => one.type === type);
    return (same.find((one) => one.architecture === architecture) ?? same[0])?.version;
  }

  #named(name: string): readonly RecordedPackage[] {
    return this.#versions.get(name) ?? [];
  }
}
