import type { Descriptor } from "../../image/descriptor.js";
import { layerCompression } from "../../image/media-types.js";
import { formatReference, type Repository } from "../../image/reference.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { LayerIndex } from "../../rootfs/tree/node.js";
import type { Notice } from "../notice.js";

/** The root filesystem of an image, with notices about oddities in its layers. */
export interface SourceTree {
  readonly tree: FileTree;
  readonly notices: readonly Notice[];
}

/** A notice when media type and bytes of a layer disagree. It is read by its bytes, as in containers/storage and containerd. */
export function labelNotices(repository: Repository, { digest, mediaType }: Descriptor, { compression }: LayerIndex): readonly Notice[] {
  if (layerCompression(mediaType) === compression) return [];
  const found = compression === "none" ? "is not compressed" : `is compressed with ${compression}`;
  const layer = formatReference({ repository, digest });
  return [
    { kind: "mislabelled-layer", message: `the layer ${layer} has the media type ${mediaType} but ${found}: it is read by its bytes` },
  ];
}
