/** What a resource of ours is. */
export const imageTypes = ["Customization", "OciArtifact", "Mirror"] as const;
export type ImageType = (typeof imageTypes)[number];

/**
 * "stale": `up` would build it again, or move a tag. "unknown": it depends on what is known only after `up`. "failed": it cannot be built, and the
 * program defers failures.
 */
export const statuses = ["failed", "stale", "new", "removed", "unknown", "current"] as const;
export type Status = (typeof statuses)[number];

/** What is in state, and what `up` would make of it. One side is absent where there is nothing, or nothing that may be shown. */
export interface Move<T = string> {
  readonly old?: T;
  readonly new?: T;
}

export interface BaseVersion {
  readonly tag: string;
  readonly digest: string;
}

/** A package whose version moves, comes in or goes, on some platforms. */
export interface PackageMove extends Move {
  readonly name: string;
  readonly platforms: readonly string[];
}

export interface NamedMove extends Move {
  readonly name: string;
}

/** Whether one image is what the program, its base and its packages would give now. */
export interface StackImage {
  /** Of the resource. */
  readonly name: string;
  readonly urn: string;
  readonly type: ImageType;
  /** `repository:tag`; of a mirror its destination. Absent before the first `up`. */
  readonly id?: string;
  readonly status: Status;
  /** Why it is not current, as sentences. */
  readonly reasons: readonly string[];
  /** Of the image; absent for a mirror. */
  readonly digest: Move;
  /** Of a customization. */
  readonly base: Move<BaseVersion>;
  /** Tags that move, come or go; of a mirror, its images. */
  readonly tags: readonly NamedMove[];
  /** Artifacts whose digest differs, by their reference. */
  readonly artifacts: readonly NamedMove[];
  readonly packages: readonly PackageMove[];
  /** What the preview warned of, such as a registry that could not be asked. */
  readonly warnings: readonly string[];
}

/** Whether `up` would leave everything as it is. */
export function areCurrent(images: readonly StackImage[]): boolean {
  return images.every(({ status }) => status === "current");
}
