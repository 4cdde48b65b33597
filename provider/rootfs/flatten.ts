import { DhiError } from "../errors.js";
import { defaultDirectory, FileTree } from "./file-tree.js";
import type { LayerEntry, LayerIndex, RawPath } from "./node.js";
import { baseNameOf, displayPath, joinRaw, parentOf } from "./raw-path.js";

const whiteout = ".wh.";
const opaque = ".wh..wh..opq";

/** What a runtime sees when the layers are unpacked one over the other, lowest first (OCI image spec, layer.md). */
export function flattenLayers(layers: readonly LayerIndex[]): FileTree {
  const tree = new FileTree();
  for (const layer of layers) applyLayer(tree, layer.entries);
  return tree;
}

/** Whiteouts hide what lower layers hold, wherever in the layer they stand; so they go first. */
function applyLayer(tree: FileTree, entries: readonly LayerEntry[]): void {
  const isWhiteout = (entry: LayerEntry): boolean => baseNameOf(entry.path).startsWith(whiteout);
  for (const { path } of entries.filter(isWhiteout)) {
    const name = baseNameOf(path);
    const parent = tree.follow(parentOf(path));
    if (parent === undefined) continue;
    if (name === opaque) tree.clear(parent);
    else if (name !== whiteout && !name.startsWith(".wh..wh.")) tree.remove(joinRaw(parent, name.slice(whiteout.length)));
  }
  for (const entry of entries) if (!isWhiteout(entry)) applyEntry(tree, entry);
}

function applyEntry(tree: FileTree, entry: LayerEntry): void {
  const path = entry.path === "" ? "" : tree.resolve(entry.path);
  if (path !== "") makeParents(tree, path);
  if ("node" in entry) {
    tree.set(path, entry.node);
    return;
  }
  const node = tree.get(tree.resolve(entry.link));
  if (node === undefined || node.type === "directory") {
    throw new DhiError(
      "invalid",
      `${displayPath(entry.path)} is a hard link to ${displayPath(entry.link)}, which is ${node === undefined ? "not there" : "a directory"}`,
    );
  }
  tree.set(path, node);
}

function makeParents(tree: FileTree, path: RawPath): void {
  const parent = parentOf(path);
  if (parent === "" || tree.get(parent) !== undefined) return;
  makeParents(tree, parent);
  tree.set(parent, defaultDirectory);
}
