/** Whether an image has the base as it is now. "unknown": the base or its digest cannot be told. */
export type Age = "current" | "behind" | "unknown";

/**
 * How it is known that an image is built on the base. "layers": it begins with the layers of the base, which the registry has. "annotation" and
 * "label" are claims of whoever pushed the image.
 */
export type Evidence = "layers" | "annotation" | "label";

/** An image that is built on the base. */
export interface Descendant {
  readonly repository: string;
  /** All tags that point at it, sorted. */
  readonly tags: readonly string[];
  readonly digest: string;
  /** What it is built on, as far as it says so or its layers show it. */
  readonly base: { readonly name?: string; readonly digest?: string };
  readonly age: Age;
  /** Days from the creation of its base to that of the base's present image. */
  readonly daysBehind?: number;
  readonly evidence: Evidence;
  /** "pulumi-dhi" by its annotation; a claim as well. */
  readonly builder?: string;
  /** The value of the annotation or label that was asked for. */
  readonly owner?: string;
}

export interface Descendants {
  readonly base: { readonly name: string; readonly digest?: string };
  /** Sorted by repository and tag. */
  readonly images: readonly Descendant[];
  /** What could not be read. */
  readonly warnings: readonly string[];
}
