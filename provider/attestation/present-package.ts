/** A package of a finished image, for one platform. */
export interface PresentPackage {
  /** The type of its purl. */
  readonly type: "deb" | "apk";
  /** The namespace of its purl: the id of the distribution, `debian`, `alpine` or `dhi`. */
  readonly namespace: string;
  readonly name: string;
  /** In full, with the epoch of Debian. */
  readonly version: string;
  readonly architecture: string;
  /** The source package, by which advisories name it, where it differs. */
  readonly source?: { readonly name: string; readonly version: string } | undefined;
  /** As the package states it. */
  readonly license?: string | undefined;
  /** `base`: unchanged, as the base has it. `upgraded`: of the base, in another version now. */
  readonly origin: "base" | "upgraded" | "added";
}
