/** A key of Alpine's archive that comes with this package. */
export interface ShippedApkKey {
  /** As signatures name it. */
  readonly name: string;
  /** Alpine's own names. */
  readonly architectures: readonly string[];
  /** PEM. */
  readonly pem: string;
}
