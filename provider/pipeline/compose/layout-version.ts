import { LAYOUT_VERSION } from "../../rootfs/layers/key.js";
import type { ComposedPlatform } from "./composition.js";

/** The layout without labels and annotations of the base that its content no longer bears out. */
export const HONEST_LAYOUT = 2;

/** The lowest version that gives these bytes: an image of a base without such labels is the same in both, and keeps its digest. */
export function layoutOf(platforms: readonly Pick<ComposedPlatform, "dropped">[]): number {
  const dropsAny = platforms.some(({ dropped }) => dropped.labels.size > 0 || dropped.annotations.size > 0);
  return dropsAny ? HONEST_LAYOUT : LAYOUT_VERSION;
}
