import type { InventoryPackage } from "./inventory.js";
import type { PresentPackage } from "./present-package.js";

interface PackageUrl {
  readonly type: string;
  /** With slashes between its parts. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
}

/** Percent-encodes a part of a package URL; the colon stays (purl-spec, "character encoding"). */
function encodePart(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%3A", ":");
}

/** `pkg:type/namespace/name@version?key=value`, with sorted qualifiers; empty ones are left out. */
export function formatPurl(
  { type, namespace, name, version }: PackageUrl,
  qualifiers: Readonly<Record<string, string | undefined>> = {},
): string {
  const space = namespace === undefined || namespace === "" ? "" : `${namespace.split("/").map(encodePart).join("/")}/`;
  const at = version === undefined || version === "" ? "" : `@${encodePart(version)}`;
  const query = Object.entries(qualifiers)
    .flatMap(([key, value]) => (value === undefined || value === "" ? [] : [`${key}=${encodePart(value)}`]))
    .sort()
    .join("&");
  return `pkg:${type}/${space}${encodePart(name)}${at}${query === "" ? "" : `?${query}`}`;
}

/**
 * A package as trivy writes it: `pkg:deb/debian/zlib1g@1.2.13.dfsg-1?arch=amd64&distro=debian-12.15&epoch=1`,
 * `pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=3.19.4`. The epoch of Debian is a qualifier there.
 */
export function packagePurl(present: InventoryPackage): string {
  const { url, epoch } = splitEpoch(present);
  return formatPurl(url, { arch: present.architecture, distro: present.distro, epoch });
}

/** The package and its version, with no qualifier that is not needed: the form by which VEX statements name it to trivy. */
export function versionedPurl(present: PresentPackage): string {
  const { url, epoch } = splitEpoch(present);
  return formatPurl(url, { epoch });
}

function splitEpoch({ type, namespace, name, version }: PresentPackage): { readonly url: PackageUrl; readonly epoch: string | undefined } {
  const [, epoch, rest = version] = (type === "deb" ? /^([0-9]+):(.*)$/.exec(version) : null) ?? [];
  return { url: { type, namespace, name, version: rest }, epoch: epoch === "0" ? undefined : epoch };
}
