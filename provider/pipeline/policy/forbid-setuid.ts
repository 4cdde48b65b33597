import type { FileNode } from "../../rootfs/tree/node.js";
import { displayPath } from "../../rootfs/tree/raw-path.js";
import { listed } from "./listed.js";
import type { PlatformFacts } from "./platform-facts.js";
import type { Violation } from "./violation.js";

const hint = "Leave them out, or give them a mode without these bits";
/** The extended attribute of capabilities(7), as a pax record of tar. */
const capabilities = "SCHILY.xattr.security.capability";
const setuid = 0o6000;

/** Added files that run with the rights of their owner or group, or with capabilities. */
export function judgeSetuid({ base, tree, layers }: Pick<PlatformFacts, "base" | "tree" | "layers">): readonly Violation[] {
  const found = new Map<string, string>();
  for (const { entries, from } of layers) {
    for (const { path } of entries) {
      const node = tree.get(path);
      const why = node === undefined ? undefined : whyPrivileged(node);
      if (node === undefined || why === undefined || isOfBase(node, base.get(path), from === "packages")) continue;
      found.set(path, `${displayPath(path)} (${why})`);
    }
  }
  if (found.size === 0) return [];
  return [{ rule: "forbidSetuid", message: `files that run with other rights are added: ${listed([...found.values()])}`, hint }];
}

function whyPrivileged({ type, mode, pax }: FileNode): string | undefined {
  if (type !== "file") return undefined;
  const bits = [...((mode & 0o4000) === 0 ? [] : ["setuid"]), ...((mode & 0o2000) === 0 ? [] : ["setgid"])];
  const all = [...bits, ...(pax[capabilities] === undefined ? [] : ["capabilities"])];
  return all.length === 0 ? undefined : all.join(", ");
}

/** The base's own file with other attributes, or as a package of the base has it in a newer version. */
function isOfBase(node: FileNode, before: FileNode | undefined, isPackage: boolean): boolean {
  if (before?.type !== "file") return false;
  const isSame = before.content?.digest === node.content?.digest || isPackage;
  const bits = ({ mode, uid, gid, pax }: FileNode): string => JSON.stringify([mode & setuid, uid, gid, pax[capabilities]]);
  return isSame && bits(before) === bits(node);
}
