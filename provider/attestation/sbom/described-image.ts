import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Inventory } from "../inventory.js";
import type { NamedImage } from "../named-image.js";

/** An image for one platform, as an SBOM is written of it. */
export interface DescribedImage {
  readonly repository: Repository;
  /** Of its manifest. */
  readonly manifest: Digest;
  /** `YYYY-MM-DDThh:mm:ssZ`: of the image, as documents are the same whenever they are made. */
  readonly created: string;
  /** Undefined for an image from scratch. */
  readonly base: NamedImage | undefined;
  readonly inventory: Inventory;
}

/** What wrote the documents. Without a version: another release says the same of the same image. */
export const TOOL = "pulumi-dhi";

/** `created` of an image config, in whole seconds of UTC; the beginning of 1970 where it is missing or not a date. */
export function wholeSeconds(created: string | undefined): string {
  const time = Date.parse(created ?? "");
  return `${new Date(Number.isNaN(time) ? 0 : time).toISOString().slice(0, 19)}Z`;
}

/** A UUID that is derived from a digest (RFC 9562, version 8). */
export function uuidOf(digest: Digest): string {
  const hex = digest.slice("sha256:".length);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
