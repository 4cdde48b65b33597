import type { RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf, joinRaw, parentOf } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { FileOwners } from "./owners.js";

/**
 * Removes what an older version of a package had and the new one does not: files, then directories that are empty and unowned. The byte
 * code of each Python source that was removed or replaced goes too (py3clean(1)). `before`: the places of the old version;
 * `after`: of the new one; `kept`: conffiles.
 */
export function removeOutdated(
  { editor, owners }: { readonly editor: RootEditor; readonly owners: FileOwners },
  before: readonly RawPath[],
  after: ReadonlySet<RawPath>,
  kept: ReadonlySet<RawPath>,
): void {
  const isFree = (path: RawPath): boolean => !after.has(path) && !kept.has(path) && !owners.has(path);
  const directories = new Set<RawPath>();
  for (const path of before) {
    const type = editor.tree.get(path)?.type;
    if (type === "directory") directories.add(path);
    else if (type !== undefined && isFree(path)) editor.remove(path);
    if (path.endsWith(".py")) for (const folder of removeByteCode(editor, owners, path)) directories.add(folder);
  }
  for (const path of [...directories].sort().reverse()) {
    if (isFree(path) && !editor.tree.hasChildren(path)) editor.remove(path);
  }
}

/** PEP 3147: `__pycache__/<module>.<tag>.pyc` beside the source. Returns the folder that it was in. */
function removeByteCode(editor: RootEditor, owners: FileOwners, source: RawPath): readonly RawPath[] {
  const folder = joinRaw(parentOf(source), "__pycache__");
  const start = baseNameOf(source).replace(/py$/, "");
  const found = editor.tree
    .list(folder)
    .filter((name) => name.startsWith(start) && /^[^.]+(?:\.opt-[0-9])?\.pyc$/.test(name.slice(start.length)));
  for (const name of found) if (!owners.has(joinRaw(folder, name))) editor.remove(joinRaw(folder, name));
  return found.length === 0 ? [] : [folder];
}

/**
 * For databases that list only files: removes links in the folders of removed files that pointed to one of them. `links`: those of before.
 */
export function removeDanglingLinks(
  { editor, owners }: { readonly editor: RootEditor; readonly owners: FileOwners },
  links: readonly RawPath[],
): void {
  for (const path of links) if (!owners.has(path) && editor.node(path) === undefined) editor.remove(path);
}

/** The links beside `paths` that point to one of them. */
export function linksTo(editor: RootEditor, paths: readonly RawPath[]): readonly RawPath[] {
  const all = new Set(paths);
  return [...new Set(paths.map(parentOf))].flatMap((folder) =>
    editor.tree
      .list(folder)
      .map((name) => joinRaw(folder, name))
      .filter((path) => editor.tree.get(path)?.type === "symlink" && all.has(editor.tree.follow(path) ?? "")),
  );
}
