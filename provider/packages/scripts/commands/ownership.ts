import type { RootEditor } from "../../root/root-editor.js";
import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import type { AccountBook } from "../account-book.js";
import { done, failed, type CommandResult } from "../script-host.js";

export interface OwnerChange {
  readonly uid?: number;
  readonly gid?: number;
}

/** An argument of chown(1): `user`, `user:group`, `:group`, names or numbers. Undefined for an unknown name. */
export function readOwners(book: AccountBook, text: string): OwnerChange | undefined {
  const uidOf = (name: string): number | undefined => (/^[0-9]+$/.test(name) ? Number(name) : name === "root" ? 0 : book.user(name)?.uid);
  const gidOf = (name: string): number | undefined => (/^[0-9]+$/.test(name) ? Number(name) : name === "root" ? 0 : book.group(name)?.gid);
  const [, user = "", group] = /^([^:.]*)(?:[:.](.*))?$/.exec(text) ?? [];
  const uid = user === "" ? undefined : uidOf(user);
  const gid = group === undefined || group === "" ? undefined : gidOf(group);
  if ((user !== "" && uid === undefined) || (group !== undefined && group !== "" && gid === undefined)) return undefined;
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

/** Changes the node at each path; fails if one is missing. */
export function changeAll(
  editor: RootEditor,
  paths: readonly RawPath[],
  change: (node: FileNode) => Partial<Pick<FileNode, "mode" | "uid" | "gid">>,
): CommandResult {
  let all = true;
  for (const path of paths) {
    const node = editor.node(path);
    if (node === undefined) all = false;
    else editor.change(path, change(node));
  }
  return all ? done : failed;
}
