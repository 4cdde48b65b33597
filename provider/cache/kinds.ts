/** Every kind of file that the cache keeps, each in a folder of its own; a suffix such as `-2` is the version of its format. */
const kinds = [
  "apk-indexes",
  "blobs",
  "confirmations",
  "layer-indexes",
  "layer-tars",
  "layers",
  "package-files",
  "package-indexes",
  "package-records",
  "package-tables",
  "package-tars",
  "published",
  "release-dates",
  "verified-releases",
  "vex-documents",
] as const;

type Kind = (typeof kinds)[number];
/** A folder of the cache. */
export type CacheKind = Kind | `${Kind}-${number}`;

const names: ReadonlySet<string> = new Set(kinds);

export function isKind(name: string): name is CacheKind {
  return names.has(name) || names.has(name.replace(/-[0-9]{1,3}$/, ""));
}
