import type { RawPath } from "../../../rootfs/tree/node.js";
import type { RootEditor } from "../../root/root-editor.js";
import { dpkgFolder } from "./database.js";
import type { IncomingPackage } from "./incoming-package.js";

/** Control members that dpkg runs, and therefore keeps executable. */
const scripts = new Set(["preinst", "postinst", "prerm", "postrm", "config"]);

export const infoFolder = `${dpkgFolder}/info`;

/**
 * Writes what dpkg keeps of a package in `info`: the list of its files by their names in the archive, and each control member but `control`.
 * Removes those of an older version. `obsolete`: conffiles of older versions, which stay in the list.
 */
export function writeInfoFiles(editor: RootEditor, { info, oldInfo, unpacked }: IncomingPackage, obsolete: readonly RawPath[]): void {
  const { control, entries } = unpacked;
  const old = editor.tree.follow(infoFolder);
  const written = new Set([`${info}.list`, ...[...control.keys()].map((member) => `${info}.${member}`)]);
  for (const file of old === undefined ? [] : editor.tree.list(old)) {
    if ([info, oldInfo].includes(file.slice(0, file.lastIndexOf("."))) && !written.has(file)) editor.remove(`${infoFolder}/${file}`);
  }
  editor.write(`${infoFolder}/${info}.list`, fileList([...entries.map(({ path }) => path), ...obsolete]));
  for (const [member, bytes] of control) {
    // dpkg ignores a `list` in the package with a warning, and writes its own.
    if (member === "control" || member === "list") continue;
    editor.write(`${infoFolder}/${info}.${member}`, bytes, { mode: scripts.has(member) ? 0o755 : 0o644 });
  }
}

function fileList(paths: readonly RawPath[]): string {
  return [...new Set(paths.map((path) => (path === "" ? "/." : `/${path}`)))].map((line) => `${line}\n`).join("");
}
