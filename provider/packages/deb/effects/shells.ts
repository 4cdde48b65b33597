import { fromTarName, joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { done, type CommandModel } from "../../scripts/script-host.js";

const template = "usr/share/debianutils/shells";
const state = "var/lib/shells.state";
const target = "etc/shells";

/** update-shells(8): lists login shells that packages bring; those that the administrator removed stay out. */
export function updateShells(editor: RootEditor): CommandModel {
  return () => {
    const folder = `${template}.d`;
    const real = editor.tree.follow(folder);
    const files = [template, ...(real === undefined ? [] : editor.tree.list(real).map((name) => joinRaw(folder, name)))];
    const shells = [
      ...new Set(files.flatMap((file) => shellsOf(editor.text(file) ?? "")).flatMap((shell) => [shell, realPath(editor, shell)])),
    ];
    const before = new Set(shellsOf(editor.text(state) ?? ""));
    const seen = new Set<string>();
    const kept = lines(editor.text(target) ?? editor.text(template) ?? "").filter((line) => {
      const [shell = ""] = line.split("#");
      if (shell === "") return true;
      const stays = (shells.includes(shell) || !before.has(shell)) && !seen.has(shell);
      seen.add(shell);
      return stays;
    });
    const added = shells.filter((shell) => !seen.has(shell) && !before.has(shell));
    editor.write(state, shells.map((shell) => `${shell}\n`).join(""));
    editor.write(target, [...kept, ...added].map((line) => `${line}\n`).join(""));
    return done;
  };
}

/** add-shell(8). */
export function addShell(editor: RootEditor): CommandModel {
  return (args) => {
    const old = editor.text(target);
    if (old === undefined || args.length === 0 || args.some((arg) => !arg.startsWith("/"))) return undefined;
    const known = lines(old);
    const added = new Set(args.flatMap((shell) => [shell, realPath(editor, shell)]).filter((shell) => !known.includes(shell)));
    editor.write(target, [...known, ...added].map((line) => `${line}\n`).join(""));
    return done;
  };
}

/** The path with links in its directories followed, but not the last part. */
function realPath(editor: RootEditor, shell: string): string {
  return `/${editor.tree.resolve(fromTarName(shell))}`;
}

function shellsOf(text: string): readonly string[] {
  return lines(text).flatMap((line) => line.split("#")[0] || []);
}

function lines(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}
