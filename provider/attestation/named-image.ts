import type { Digest } from "../image/digest.js";
import type { Repository } from "../image/reference.js";

/** An image, and where it was found. */
export interface NamedImage {
  readonly repository: Repository;
  /** Of its index, or of its manifest where it has no index. */
  readonly digest: Digest;
  readonly tag?: string | undefined;
}
