import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { FlattenedImage } from "../../../provider/rootfs/tree/flatten.js";
import type { LayerIndex } from "../../../provider/rootfs/tree/node.js";
import { atOnce } from "../../../provider/rootfs/steps.js";

export function flattenLayers(layers: readonly Pick<LayerIndex, "entries">[]): FileTree {
  const image = new FlattenedImage();
  for (const { entries } of layers) atOnce(image.apply(entries));
  return image.tree;
}
