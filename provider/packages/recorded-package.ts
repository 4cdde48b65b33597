/** A package as the database of a root lists it. */
export interface RecordedPackage {
  readonly type: "deb" | "apk";
  readonly name: string;
  /** In full, with the epoch of Debian. */
  readonly version: string;
  readonly architecture: string;
  /** The source package that it was built from, where name or version differ. */
  readonly source: { readonly name: string; readonly version: string } | undefined;
  /** As the database states it; Debian's has none. */
  readonly license: string | undefined;
}
