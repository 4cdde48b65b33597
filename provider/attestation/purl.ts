import type { PresentPackage } from "./present-package.js";

/** Percent-encodes a part of a package URL (purl-spec, "character encoding"). */
function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `pkg:type/namespace/name@version?key=value`, with sorted qualifiers; empty ones are left out. */
export function formatPurl(
  {
    type,
    namespace,
    name,
    version,
  }: { readonly type: string; readonly namespace?: string; readonly name: string; readonly version?: string },
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

/** The package and its version, without qualifiers: the form by which VEX statements name it. */
export function versionedPurl({ type, namespace, name, version }: PresentPackage): string {
  return formatPurl({ type, namespace, name, version });
}
