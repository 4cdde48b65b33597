import type { ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import type { Platform } from "../../image/platform.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { Notice } from "../notice.js";
import type { FoundViolation } from "../policy/violation.js";
import type { BrokenClaims } from "../plan/base-claims.js";

/** The composed image, ready to be pushed, with its notices. */
export interface Composition {
  readonly index: StoredManifest;
  readonly platforms: readonly ComposedPlatform[];
  /** The lowest version of the byte layout that gives these bytes. */
  readonly layoutVersion: number;
  readonly notices: readonly Notice[];
  /** What a policy forbids. */
  readonly violations: readonly FoundViolation[];
}

export interface ComposedPlatform {
  /** `os/arch[/variant]` */
  readonly platform: string;
  /** The platform in the index: that of a base's index may have more fields than its config. */
  readonly described: Platform;
  readonly manifest: StoredManifest;
  readonly config: {
    readonly descriptor: Descriptor;
    readonly bytes: Buffer;
    readonly before: ImageConfig | undefined;
    readonly after: ImageConfig;
  };
  /** The unchanged layers of the base. */
  readonly baseLayers: readonly Descriptor[];
  readonly ownLayers: readonly OwnLayer[];
  readonly dropped: BrokenClaims;
}

export interface OwnLayer {
  /** A hash of everything that determines its bytes. */
  readonly key: string;
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly title: string;
  readonly entries: number;
  /** Whether the destination already has the bytes that state records for the key, so that they are neither written nor uploaded. */
  readonly reused: boolean;
}
