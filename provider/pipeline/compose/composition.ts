import type { ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import type { Platform } from "../../image/platform.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { Notice } from "../notice.js";

/** The finished image: what is pushed, and what the user is told of it. */
export interface Composition {
  readonly index: StoredManifest;
  readonly platforms: readonly ComposedPlatform[];
  readonly notices: readonly Notice[];
}

export interface ComposedPlatform {
  /** `os/arch[/variant]` */
  readonly platform: string;
  /** As the index states it: a base's index may say more than its configs. */
  readonly described: Platform;
  readonly manifest: StoredManifest;
  readonly config: {
    readonly descriptor: Descriptor;
    readonly bytes: Buffer;
    readonly before: ImageConfig | undefined;
    readonly after: ImageConfig;
  };
  /** Of the base, untouched. */
  readonly baseLayers: readonly Descriptor[];
  readonly ownLayers: readonly OwnLayer[];
}

export interface OwnLayer {
  /** The hash of all that decides its bytes. */
  readonly key: string;
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly title: string;
  readonly entries: number;
  /** The destination has the bytes that state records for its key: neither made nor moved. */
  readonly reused: boolean;
}
