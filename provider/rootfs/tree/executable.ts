import type { FileNode } from "./node.js";

/** Whether anyone may run it. Every directory that can be entered is executable too. */
export function isExecutable(node: Pick<FileNode, "mode"> | undefined): boolean {
  return node !== undefined && (node.mode & 0o111) !== 0;
}
