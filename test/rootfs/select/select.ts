import { parsePathPattern } from "../../../provider/rootfs/select/path-pattern.js";
import { selectPaths as selectInSteps, type Selection } from "../../../provider/rootfs/select/selection.js";
import { atOnce } from "../../../provider/rootfs/steps.js";
import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { RawPath } from "../../../provider/rootfs/tree/node.js";

/** Takes includes and excludes as declared. */
export function selectPaths(
  tree: FileTree,
  includes: readonly string[],
  excludes: readonly string[],
  databases?: readonly RawPath[],
): Selection {
  return atOnce(selectInSteps(tree, includes.map(parsePathPattern), excludes.map(parsePathPattern), databases));
}
