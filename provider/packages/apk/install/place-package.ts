import { DhiError } from "../../../errors.js";
import type { FileNode, LayerEntry, RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf, displayPath, joinRaw, parentOf } from "../../../rootfs/tree/raw-path.js";
import type { OwnerNames } from "../../../rootfs/tar/entry.js";
import type { PackageNotice } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { InstalledFile } from "./installed-database.js";
import { formatAttributes, formatChecksum, hasChecksum, takeRecords } from "../formats/installed-records.js";
import type { InstalledState, OwnedPackage } from "./installed-state.js";
import type { PackageDirectories } from "./place-directories.js";
import type { ProtectedPaths } from "./place-protected.js";

export interface PlaceContext {
  readonly editor: RootEditor;
  readonly state: InstalledState;
  readonly directories: PackageDirectories;
  readonly protection: ProtectedPaths;
  /** Ids of accounts by name; undefined for unknown names. */
  readonly accounts: { uidOf(name: string): number | undefined; gidOf(name: string): number | undefined };
}

/**
 * Places a package's files in the root and in apk's database as apk 2.14 does (src/database.c), and removes what only the older version
 * had. Throws `DhiError` "conflict" for a file of another package that neither of them declares to replace.
 */
export function placePackage(context: PlaceContext, incoming: OwnedPackage, entries: readonly LayerEntry[]): readonly PackageNotice[] {
  const { state, directories } = context;
  const notices: PackageNotice[] = [];
  // Collected only for hard links: packages may have a hundred thousand files.
  const linked = new Set(entries.flatMap((entry) => ("link" in entry ? [entry.link] : [])));
  const nodes = new Map<RawPath, FileNode>();
  const files = new Map<RawPath, InstalledFile>();
  for (const entry of entries) {
    const { path } = entry;
    // Names that begin with a period are apk's metadata; `.keep_` files only keep a directory in a source repository.
    if (path === "" || path.startsWith(".") || baseNameOf(path).startsWith(".keep_")) continue;
    const read = "node" in entry ? readNode(context, entry.node) : undefined;
    const node = "link" in entry ? nodes.get(entry.link) : read?.node;
    if (node === undefined) throw damaged(incoming.name, path);
    if (node.type === "directory") {
      directories.prepare(path);
      incoming.directory(path).attributes = given(node, "0:0:755");
      place(context, path, node);
      continue;
    }
    const owner = state.ownerOf(path);
    const answer = owner?.isReplacedBy(incoming) ?? "yes";
    if (linked.has(path)) nodes.set(path, node);
    if (owner !== undefined && answer === "conflict") throw conflict(incoming.name, owner.name, path);
    const checksum = "link" in entry ? files.get(entry.link)?.checksum : read?.checksum;
    const file = { name: baseNameOf(path), attributes: given(node, "0:0:644"), checksum };
    if (linked.has(path)) files.set(path, file);
    if (answer === "no") continue;
    const keeps = context.protection.has(parentOf(path)) ? keepsOwn(context, path, file) : "no";
    if (keeps === "beside") {
      place(context, `${path}.apk-new`, node);
      notices.push(keptNotice(incoming.name, path));
    } else if (keeps === "no") place(context, path, node);
    state.claim(incoming, parentOf(path), file);
  }
  for (const path of incoming.directories.keys()) directories.touch(path);
  const before = state.packages.find(({ name }) => name === incoming.name);
  state.add(incoming);
  if (before !== undefined) takeAway(context, before);
  return notices;
}

function readNode({ accounts }: PlaceContext, packed: FileNode): { readonly node: FileNode; readonly checksum: string | undefined } {
  const { node, sha1, owner } = takeRecords(packed);
  const ids = owner === undefined ? {} : localIds(accounts, owner, node);
  return { node: { ...node, ...ids }, checksum: sha1 === undefined ? undefined : formatChecksum(sha1) };
}

function localIds(accounts: PlaceContext["accounts"], { user, group }: OwnerNames, node: FileNode): Pick<FileNode, "uid" | "gid"> {
  return { uid: accounts.uidOf(user) ?? node.uid, gid: accounts.gidOf(group) ?? node.gid };
}

function place({ editor, state }: PlaceContext, path: RawPath, node: FileNode): void {
  const old = editor.ownNode(path);
  // Links to busybox give way to a package with the program itself.
  const isMade = old?.type === "symlink" && /^(?:\/bin\/|\/usr\/bin\/|)busybox$/.test(old.target ?? "");
  editor.draft.place({ path, node, edited: isMade || state.ownerOf(path) !== undefined });
}

/** Attributes as in the database; undefined for the defaults, which it omits. */
function given(node: FileNode, usual: string): string | undefined {
  const attributes = formatAttributes(node);
  return attributes === usual ? undefined : attributes;
}

/** Whether a protected file stays: "beside" when the package's version differs and is placed beside it. */
function keepsOwn({ editor, state }: PlaceContext, path: RawPath, file: InstalledFile): "yes" | "beside" | "no" {
  const present = editor.ownNode(path);
  if (present === undefined) return "no";
  if (hasChecksum(present, state.file(parentOf(path), file.name)?.checksum)) return "no";
  return hasChecksum(present, file.checksum) ? "yes" : "beside";
}

/** Removes what only an older version of a package had; changed files in a protected directory stay. */
function takeAway({ editor, state, directories, protection }: PlaceContext, before: OwnedPackage): void {
  for (const [directory, { files }] of before.directories) {
    if (editor.ownNode(directory) !== undefined) directories.prepare(directory);
    directories.touch(directory);
    const isProtected = protection.has(directory);
    for (const { name, checksum } of files.values()) {
      const path = joinRaw(directory, name);
      const present = editor.ownNode(path);
      if (present === undefined || present.type === "directory") continue;
      if (!isProtected || hasChecksum(present, checksum)) editor.remove(path);
      if (isProtected && editor.ownNode(`${path}.apk-new`) !== undefined) editor.remove(`${path}.apk-new`);
    }
  }
  state.remove(before);
  for (const directory of [...before.directories.keys()].sort().reverse()) directories.release(directory);
}

function keptNotice(name: string, path: RawPath): PackageNotice {
  return {
    kind: "conffile-kept",
    package: name,
    message: `${displayPath(path)} was changed in the base and is kept; the version of ${name} is beside it, with the suffix .apk-new`,
  };
}

function conflict(name: string, other: string, path: RawPath): DhiError {
  return new DhiError(
    "conflict",
    `${name} and ${other} both have the file ${displayPath(path)}, and ${name} does not declare that it replaces ${other}`,
    { origin: "packages", hint: `Remove ${name} from packages, or use a base without ${other}` },
  );
}

function damaged(name: string, path: RawPath): DhiError {
  return new DhiError("invalid", `${displayPath(path)} of ${name} is a hard link to a file that the package does not have`, {
    origin: "packages",
  });
}
