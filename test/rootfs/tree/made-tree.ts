import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { bytesContent, plain } from "../../support/tar/entries.js";

/** A tree of `path`, `folder/` or `link ->target`; parent folders are created. */
export function treeOf(...lines: readonly string[]): FileTree {
  const tree = new FileTree();
  for (const line of lines) {
    const [path = "", target] = line.split(" ->");
    const parts = path.split("/");
    for (let length = 1; length < parts.length; length++) tree.set(parts.slice(0, length).join("/"), defaultDirectory);
    if (target !== undefined) tree.set(path, { ...plain, type: "symlink", target });
    else if (path.endsWith("/")) tree.set(path.slice(0, -1), defaultDirectory);
    else tree.set(path, { ...plain, type: "file", content: bytesContent(path) });
  }
  return tree;
}
