import { blameSync, DhiError } from "../../errors.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { LayerDraft } from "../../rootfs/layers/draft.js";
import type { FileNode, RawPath } from "../../rootfs/tree/node.js";
import { displayPath, parentOf } from "../../rootfs/tree/raw-path.js";
import type { PathPattern } from "../../rootfs/select/path-pattern.js";
import { imageDatabases, selectPaths, type Selection } from "../../rootfs/select/selection.js";
import type { Steps } from "../../rootfs/steps.js";
import type { Artifact } from "../spec/image-inputs.js";
import type { Notice } from "../notice.js";

/** The artifact for one platform. */
export interface ArtifactSource {
  readonly declared: Artifact;
  readonly tree: FileTree;
  /** `NAME=value`. */
  readonly environment: readonly string[];
}

/** Puts the selected files of an artifact into its layer. `property`: `artifacts[n]`. */
export function* placeArtifact(draft: LayerDraft, { declared, tree }: ArtifactSource, property: string): Steps<readonly Notice[]> {
  const { image, includes, excludes = [], uid, gid } = declared;
  const selection = yield* selectOf(tree, includes, excludes, property);
  const owned = changeOwners(uid, gid);
  for (const [path, node] of selection.taken) {
    yield;
    refuse(path, node, property);
    blameSync({ origin: "artifact", property }, () => {
      draft.place({ path, node: owned(node) }, tree);
    });
  }
  return selectionNotices(selection, excludes, image.text);
}

function* selectOf(tree: FileTree, includes: readonly PathPattern[], excludes: readonly PathPattern[], property: string): Steps<Selection> {
  try {
    return yield* selectPaths(tree, includes, excludes, imageDatabases);
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    throw new DhiError(thrown.code, thrown.message, {
      origin: "artifact",
      property: `${property}.${thrown.property ?? "includes"}`,
      hint: thrown.hint,
    });
  }
}

/** Rejects what may not be copied into another image: device nodes, and links that point above the root. */
function refuse(path: RawPath, node: FileNode, property: string): void {
  const isDevice = node.type === "character" || node.type === "block";
  if (!isDevice && !escapes(path, node)) return;
  const why = isDevice ? "is a device node" : `is a link to ${displayPath(node.target ?? "").slice(1)}, which lies above the root`;
  throw new DhiError("invalid", `${displayPath(path)} ${why}`, { origin: "artifact", property, hint: "Exclude it" });
}

function escapes(path: RawPath, node: FileNode): boolean {
  if (node.type !== "symlink" || node.target?.startsWith("/") !== false) return false;
  const parent = parentOf(path);
  let depth = parent === "" ? 0 : parent.split("/").length;
  return node.target.split("/").some((part) => {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    return depth < 0;
  });
}

/** Hard links of one inode stay hard links. */
export function changeOwners(uid: number | undefined, gid: number | undefined): (node: FileNode) => FileNode {
  if (uid === undefined && gid === undefined) return (node) => node;
  const changed = new Map<FileNode, FileNode>();
  return (node) => {
    const known = changed.get(node) ?? { ...node, uid: uid ?? node.uid, gid: gid ?? node.gid };
    changed.set(node, known);
    return known;
  };
}

export function selectionNotices(
  { uselessExcludes, leftOut }: Selection,
  excludes: readonly PathPattern[],
  source: string,
): readonly Notice[] {
  const useless = uselessExcludes.map((at): Notice => ({
    kind: "useless-exclude",
    message: `the exclude "${excludes[at]?.text ?? ""}" excludes nothing of ${source}`,
  }));
  const shown = leftOut.slice(0, 3).map(displayPath).join(", ");
  const more = leftOut.length > 3 ? ` and ${String(leftOut.length - 3)} more` : "";
  const databases: Notice = {
    kind: "database-left-out",
    message: `${shown}${more} of ${source} is left out, as it would describe the image wrongly; name it in an include to copy it`,
  };
  return leftOut.length === 0 ? useless : [...useless, databases];
}
