import { DhiError } from "../../errors.js";
import { parsePasswd } from "../../rootfs/accounts/account-files.js";
import { editAccounts, findUser, type AccountFiles } from "../../rootfs/accounts/accounts.js";
import { defaultDirectory, type FileTree } from "../../rootfs/tree/file-tree.js";
import type { LayerDraft } from "../../rootfs/layers/draft.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import { toRawPath } from "../../rootfs/tree/raw-path.js";
import type { ImageInputs } from "../spec/image-inputs.js";
import type { Notice } from "../notice.js";
import { textNode } from "./files.js";

const accountPaths = { passwd: "etc/passwd", group: "etc/group", shadow: "etc/shadow", gshadow: "etc/gshadow" } as const;
type AccountFile = keyof typeof accountPaths;

/** Shells that refuse logins, at their paths in Debian and Alpine. */
const noLogin = ["usr/sbin/nologin", "sbin/nologin"];

/** Homes that are not created: the root, and Debian's path for users without a home. */
const noHome = new Set(["/", "/nonexistent"]);

/** Edits the account files of `tree` and creates home directories. */
export function placeAccounts(draft: LayerDraft, tree: FileTree, inputs: ImageInputs): readonly Notice[] {
  const users = (inputs.users ?? []).map((user) => ({ ...user, groups: user.groups ?? [] }));
  const groups = (inputs.groups ?? []).map((group) => ({ ...group, members: group.members ?? [] }));
  if (users.length === 0 && groups.length === 0) return [];
  const before = readAccounts(tree);
  const shell = `/${noLogin.find((path) => tree.follow(path) !== undefined) ?? "sbin/nologin"}`;
  const { files, added } = editAccounts(before, groups, users, shell);
  for (const name of Object.keys(accountPaths) as AccountFile[]) {
    const text = files[name];
    if (text !== undefined && text !== before[name]) placeAccountFile(draft, tree, accountPaths[name], text);
  }
  return added.flatMap(({ name, uid, gid, home }): readonly Notice[] => {
    if (noHome.has(home)) return [];
    const path = toRawPath(home);
    if (tree.follow(path) !== undefined) {
      return [{ kind: "home-exists", message: `${home}, the home of ${name}, already exists and is left unchanged`, path: home }];
    }
    draft.place({ path, node: { ...defaultDirectory, uid, gid } });
    return [];
  });
}

/** Resolves `runAs` to a numeric uid in the finished tree. */
export function resolveRunAs(tree: FileTree, runAs: string | number): string {
  return String(findUser(readAccounts(tree).passwd, String(runAs)).uid);
}

/** Of a user by its name; undefined where the image has none of this name. */
export function findUid(tree: FileTree, name: string): number | undefined {
  return parsePasswd(readAccounts(tree).passwd ?? "").find((entry) => entry.name === name)?.uid;
}

function readAccounts(tree: FileTree): AccountFiles {
  const read = (name: AccountFile): string | undefined => {
    const path = tree.follow(accountPaths[name]);
    const node = path === undefined ? undefined : tree.get(path);
    if (node === undefined) return undefined;
    if (node.content?.from !== "bytes") {
      throw new DhiError(
        "invalid",
        `/${accountPaths[name]} ${node.type === "file" ? "cannot be edited: it is larger than 4 MiB or a local file" : "is not a file"}`,
      );
    }
    return node.content.bytes.toString("latin1");
  };
  return { passwd: read("passwd"), group: read("group"), shadow: read("shadow"), gshadow: read("gshadow") };
}

function placeAccountFile(draft: LayerDraft, tree: FileTree, path: string, text: string): void {
  const real = tree.follow(path) ?? path;
  const old: FileNode | undefined = tree.get(real);
  const attributes = old === undefined ? { mode: 0o644, uid: 0, gid: 0 } : { mode: old.mode, uid: old.uid, gid: old.gid, pax: old.pax };
  draft.place({ path: real, node: textNode(Buffer.from(text, "latin1"), attributes), edited: true });
}
