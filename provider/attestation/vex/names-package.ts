import type { Digest } from "../../image/digest.js";
import type { PackageUrl } from "../parse-purl.js";
import type { PresentPackage } from "../present-package.js";
import type { VexStatement } from "./document.js";

/** A package of an image, and for which release of its distribution it is, where that is known: `debian-13.6` or `3.22.1`. */
export type VexPackage = PresentPackage & { readonly distro?: string | undefined };

/** Most package URLs of one package and version, which differ in their qualifiers; further ones do not count. */
const MAX_FORMS = 64;

/** A name as the product's own documents have it, which is that of the source package; `arch=source` is the purl-spec's way to say so. */
function isOfSource({ qualifiers }: PackageUrl): boolean {
  return "os_name" in qualifiers || "os_version" in qualifiers || qualifiers["arch"] === "source";
}

/**
 * The packages that a statement names: products, and parts of images. An image that is named by digest has to be one of `images`, where these are
 * known; any other image is taken for the one that the document is about.
 */
export function namedPackages({ products }: VexStatement, images: readonly Digest[] = []): readonly PackageUrl[] {
  return products.flatMap(({ purl, parts }) => {
    if (purl.type !== "oci" && purl.type !== "docker") return parts.length === 0 ? [purl] : [];
    const digest = [purl.version, purl.qualifiers["digest"]].find((text) => text?.startsWith("sha256:"));
    return digest === undefined || images.length === 0 || images.some((image) => image === digest) ? parts : [];
  });
}

/** Package URLs by what they name, and by version. */
export class NamedPackages {
  readonly #versions = new Map<string, Map<string | undefined, PackageUrl[]>>();

  constructor(named: readonly PackageUrl[]) {
    for (const purl of named) {
      const key = keyOf(purl, purl.name);
      const versions = this.#versions.get(key) ?? new Map<string | undefined, PackageUrl[]>();
      this.#versions.set(key, versions);
      const forms = versions.get(versionOf(purl)) ?? [];
      if (forms.length < MAX_FORMS) versions.set(versionOf(purl), [...forms, purl]);
    }
  }

  /**
   * Whether this package is among them. Where versions are named, whether of the package or of its source, one of them has to be the package's: the
   * product lists a package without a version beside those with one, and means these.
   */
  has(present: VexPackage): boolean {
    const source = present.source ?? present;
    const own = this.#versions.get(keyOf(present, present.name));
    const ofSource = this.#versions.get(keyOf(present, source.name));
    const fits = (purls: readonly PackageUrl[] = []): readonly PackageUrl[] => purls.filter((purl) => isMadeFor(purl, present));
    if (fits(own?.get(present.version)).length > 0) return true;
    const isScoped = [own, ofSource].some((versions) => [...(versions?.keys() ?? [])].some((version) => version !== undefined));
    const sources = fits(ofSource?.get(isScoped ? source.version : undefined));
    const isListed = fits(own?.get(undefined)).length > 0;
    return isScoped ? sources.length > 0 && (isListed || sources.some(isOfSource)) : isListed || sources.some(isOfSource);
  }
}

function keyOf({ type, namespace }: Pick<PackageUrl, "type" | "namespace">, name: string): string {
  return JSON.stringify([type, namespace, name]);
}

function isMadeFor({ qualifiers }: PackageUrl, present: VexPackage): boolean {
  const { arch, distro, os_version: release = distro } = qualifiers;
  if (arch !== undefined && arch !== "source" && arch !== present.architecture) return false;
  return release === undefined || present.distro === undefined || isSameRelease(numberOf(release), numberOf(present.distro));
}

/** `13` and `13.6`, in whatever order; `trixie` cannot be compared. */
function isSameRelease(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`) || !/^\d/.test(one);
}

/** Without the name in front: `debian-13.6` is `13.6`. */
function numberOf(release: string): string {
  return release.replace(/^[a-z]+-/, "");
}

/** In full: the epoch of a Debian version may be a qualifier. */
function versionOf({ version, qualifiers: { epoch } }: PackageUrl): string | undefined {
  return version === undefined || epoch === undefined || version.includes(":") ? version : `${epoch}:${version}`;
}
