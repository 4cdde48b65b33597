import type { Descriptor } from "../../image/descriptor.js";
import { layerCompression } from "../../image/media-types.js";
import { formatReference, type Repository } from "../../image/reference.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { LayerIndex } from "../../rootfs/tree/node.js";
import type { Notice } from "../notice.js";

/** What a runtime would see of an image, and what is odd about it. */
export interface SourceTree {
  readonly tree: FileTree;
  readonly notices: readonly Notice[];
}

/** Says that a layer's media type and its bytes disagree. It is read by its bytes, as containers/storage and containerd do. */
export function labelNotices(repository: Repository, { digest, mediaType }: Descriptor, { compression }: LayerIndex): readonly Notice[] {
  if (layerCompression(mediaType) === compression) return [];
  const found = compression === "none" ? "is not compressed" : `is compressed with ${compression}`;
  const layer = formatReference({ repository, digest });
  return [{ kind: "mislabelled-layer", message: `the layer ${layer} is labelled ${mediaType} but ${found}; its bytes count` }];
}
