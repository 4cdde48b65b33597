import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { Session } from "../session.js";
import type { ReusableLayer } from "./compose.js";
import { LAYER_KEY_ANNOTATION } from "./composition.js";
import { openImage } from "./source-image.js";
import type { ImageSpec } from "./spec.js";

/**
 * Layers of ours, by key, in images that the destination has: the one in state, and what the tags point at. An image
 * that is gone or cannot be read offers none; what cannot be asked is an error.
 */
export async function findReusableLayers(
  session: Session,
  spec: ImageSpec,
  images: readonly Digest[],
): Promise<ReadonlyMap<string, ReusableLayer>> {
  const found = new Map<string, ReusableLayer>();
  const destination = session.repositories.open(spec.destination);
  for (const digest of new Set(images)) {
    if ((await destination.headManifest(digest)) === undefined) continue;
    try {
      const image = await openImage(session, spec.destination, digest, "destination");
      for (const open of image.platforms.values()) {
        const { manifest, config } = await open();
        manifest.layers.forEach((descriptor, at) => {
          const key = descriptor.annotations?.[LAYER_KEY_ANNOTATION];
          const diffId = config.diffIds[at];
          if (key !== undefined && diffId !== undefined) found.set(key, { descriptor, diffId });
        });
      }
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || (thrown.code !== "not-found" && thrown.code !== "invalid")) throw thrown;
    }
  }
  return found;
}
