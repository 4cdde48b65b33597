import { digestOf } from "../../../provider/image/digest.js";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";

const attributes = { mode: 0o644, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {} } as const;

/** A tree of small files with kept bytes, by path; a value that starts with `-> ` is a symlink. */
export function treeOf(files: Readonly<Record<string, string | Buffer>>): FileTree {
  const tree = new FileTree();
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split("/");
    for (let at = 1; at < parts.length; at += 1) {
      const parent = parts.slice(0, at).join("/");
      if (tree.get(parent) === undefined) tree.set(parent, { ...attributes, type: "directory", mode: 0o755 });
    }
    tree.set(path, nodeOf(content));
  }
  return tree;
}

function nodeOf(content: string | Buffer): FileNode {
  if (typeof content === "string" && content.startsWith("-> "))
    return { ...attributes, type: "symlink", mode: 0o777, target: content.slice(3) };
  const bytes = Buffer.from(content as string);
  return { ...attributes, type: "file", content: { from: "bytes", bytes, size: bytes.length, digest: digestOf(bytes) } };
}
