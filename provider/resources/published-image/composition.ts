import type { ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Platform } from "../../image/platform.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { Notice } from "./notice.js";

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
  readonly descriptor: Descriptor;
  readonly title: string;
  readonly entries: number;
  /** Taken from an image that the destination has: neither made nor moved. */
  readonly reused: boolean;
}

/** On the index: made by this project, in this byte layout. */
export const LAYOUT_ANNOTATION = "dev.pulumi-dhi.layout";
/** On a layer: the hash of all that decides its bytes. */
export const LAYER_KEY_ANNOTATION = "dev.pulumi-dhi.layer.key";
/** OCI image spec, annotations.md. */
export const BASE_NAME_ANNOTATION = "org.opencontainers.image.base.name";
export const BASE_DIGEST_ANNOTATION = "org.opencontainers.image.base.digest";
