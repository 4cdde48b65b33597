import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { bytesContent, plain } from "../../support/tar/entries.js";

export const file = (text: string): FileNode => ({ ...plain, type: "file", content: bytesContent(text) });
export const link = (target: string): FileNode => ({ ...plain, type: "symlink", target });
export const directory = (mode = 0o755): FileNode => ({ ...defaultDirectory, mode });

/** `path` to a file, `path ->target` to a link, `path/` to a directory. */
export function treeOf(...lines: readonly string[]): FileTree {
  const tree = new FileTree();
  for (const line of lines) {
    const [path = "", target] = line.split(" ->");
    if (target !== undefined) tree.set(path, link(target));
    else if (path.endsWith("/")) tree.set(path.slice(0, -1), directory());
    else tree.set(path, file(path));
  }
  return tree;
}

export const paths = (tree: FileTree): readonly string[] => [...tree.walk()].map(([path]) => path);
