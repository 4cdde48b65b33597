import type { LayerEntry } from "../../rootfs/node.js";
import type { RootEditor } from "../root-editor.js";
import { dpkgFolder } from "./database.js";

/** Control members that dpkg runs, and so keeps executable. */
const scripts = new Set(["preinst", "postinst", "prerm", "postrm", "config"]);

export const infoFolder = `${dpkgFolder}/info`;

/** `name:arch` where packages of several architectures may be installed at a time, else `name` (dpkg, infodb format 1). */
export function infoName(name: string, architecture: string, multiArch: string | undefined): string {
  return multiArch === "same" ? `${name}:${architecture}` : name;
}

/** What dpkg keeps of a package in `info`: the list of its files by the archive's own names, and each control member but `control`. */
export function writeInfoFiles(
  editor: RootEditor,
  name: string,
  control: ReadonlyMap<string, Buffer>,
  entries: readonly LayerEntry[],
): void {
  const old = editor.tree.follow(infoFolder);
  const written = new Set(["list", ...control.keys()]);
  for (const file of old === undefined ? [] : editor.tree.list(old)) {
    const suffix = file.startsWith(`${name}.`) ? file.slice(name.length + 1) : undefined;
    if (suffix !== undefined && !suffix.includes(".") && !written.has(suffix)) editor.remove(`${infoFolder}/${file}`);
  }
  editor.write(`${infoFolder}/${name}.list`, fileList(entries));
  for (const [member, bytes] of control) {
    if (member === "control") continue;
    editor.write(`${infoFolder}/${name}.${member}`, bytes, { mode: scripts.has(member) ? 0o755 : 0o644 });
  }
}

function fileList(entries: readonly LayerEntry[]): string {
  return [...new Set(entries.map(({ path }) => (path === "" ? "/." : `/${path}`)))].map((line) => `${line}\n`).join("");
}
