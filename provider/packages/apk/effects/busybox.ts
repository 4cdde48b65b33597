import { displayPath, fromTarName, joinRaw } from "../../../rootfs/tree/raw-path.js";
import { done, failed, type CommandModel } from "../../scripts/script-host.js";
import type { RootEditor } from "../../root/root-editor.js";

/** Files in which Alpine's busybox packages list their applets with the path of each (since Alpine 3.17). */
const pathLists = "etc/busybox-paths.d";
const program = "bin/busybox";

/**
 * busybox: `--install -s` makes a link for each applet whose path is free, `--list` lists the applets, anything else runs the applet
 * itself. Without a list of its applets it is not understood.
 */
export function busybox(editor: RootEditor, command: (name: string) => CommandModel | undefined): CommandModel {
  return ([first = "", ...rest]) => {
    if (!first.startsWith("-")) return command(first)?.(rest);
    const applets = appletPaths(editor);
    const installs = first === "--install" && rest.join() === "-s";
    // The links exist already: they were made with the base.
    if (applets === undefined) return installs && hasLinks(editor) ? done : undefined;
    if (installs) {
      const real = editor.tree.follow(program);
      if (real === undefined) return failed;
      for (const path of applets) if (editor.ownNode(path) === undefined) editor.link(path, displayPath(real));
      return done;
    }
    if (first !== "--list" || rest.length > 0) return undefined;
    return { status: 0, output: applets.map((path) => `${path.replace(/^.*\//, "")}\n`).join("") };
  };
}

function hasLinks(editor: RootEditor): boolean {
  const real = editor.tree.follow("bin");
  return (
    real !== undefined &&
    editor.tree.list(real).some((name) => /^(?:\/usr)?\/bin\/busybox$/.test(editor.tree.get(joinRaw(real, name))?.target ?? ""))
  );
}

function appletPaths(editor: RootEditor): readonly string[] | undefined {
  const text = editor.text(joinRaw(pathLists, "busybox"));
  return text?.split("\n").flatMap((line) => (line === "" || line.includes("..") ? [] : [fromTarName(line)]));
}
