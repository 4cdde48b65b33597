import { DhiError } from "../../errors.js";
import { FileTree } from "./file-tree.js";
import { IndexWeight } from "../layers/index-weight.js";
import type { LayerEntry } from "./node.js";
import { baseNameOf, displayPath, joinRaw, parentOf } from "./raw-path.js";
import type { Steps } from "../steps.js";

const whiteout = ".wh.";
const opaque = ".wh..wh..opq";

/**
 * What a runtime sees when layers are unpacked one over the other, lowest first (OCI image spec, layer.md). Every layer is released once
 * it is applied.
 */
export class FlattenedImage {
  readonly tree = new FileTree();
  readonly #weight: IndexWeight;

  constructor(weight = new IndexWeight()) {
    this.#weight = weight;
  }

  /**
   * Applies whiteouts first: they hide what lower layers hold, wherever they are in the layer. Throws `DhiError` "limit" for what would
   * exceed the memory bound.
   */
  *apply(entries: readonly LayerEntry[]): Steps<void> {
    for (const { path } of entries.filter(isWhiteout)) {
      yield;
      const name = baseNameOf(path);
      const parent = this.tree.follow(parentOf(path));
      if (parent === undefined) continue;
      if (name === opaque) this.tree.clear(parent);
      else if (name !== whiteout && !name.startsWith(".wh..wh.")) this.tree.remove(joinRaw(parent, name.slice(whiteout.length)));
    }
    for (const entry of entries) {
      yield;
      this.#weight.add(entry);
      if (!isWhiteout(entry)) this.#applyEntry(entry);
    }
  }

  #applyEntry(entry: LayerEntry): void {
    const { tree } = this;
    const path = entry.path === "" ? "" : tree.resolve(entry.path);
    this.#weight.addDirectories(tree.makeParents(path));
    if ("node" in entry) {
      tree.set(path, entry.node);
      return;
    }
    const node = tree.get(tree.resolve(entry.link));
    if (node === undefined || node.type === "directory") {
      throw new DhiError(
        "invalid",
        `${displayPath(entry.path)} is a hard link to ${displayPath(entry.link)}, which is ${node === undefined ? "missing" : "a directory"}`,
      );
    }
    tree.set(path, node);
  }
}

function isWhiteout({ path }: LayerEntry): boolean {
  return baseNameOf(path).startsWith(whiteout);
}
