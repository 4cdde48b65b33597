import { appendLines } from "../../../rootfs/accounts/account-files.js";
import { done, type CommandModel } from "../../scripts/script-host.js";
import type { RootEditor } from "../../root/root-editor.js";

const path = "etc/shells";

/** add-shell(8) and remove-shell(8) as busybox has them: lines that exist already are not added again. */
export function loginShells(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  const lines = (): readonly string[] =>
    (editor.text(path) ?? "").split("\n").filter((line, at, all) => at < all.length - 1 || line !== "");
  const change =
    (edit: (shells: readonly string[]) => string): CommandModel =>
    (shells) => {
      if (shells.some((shell) => !shell.startsWith("/"))) return undefined;
      editor.write(path, edit(shells));
      return done;
    };
  return {
    "add-shell": change((shells) => {
      const present = new Set(lines());
      return appendLines(
        editor.text(path) ?? "",
        [...new Set(shells)].filter((shell) => !present.has(shell)),
      );
    }),
    "remove-shell": change((shells) =>
      lines()
        .filter((line) => !shells.includes(line))
        .map((line) => `${line}\n`)
        .join(""),
    ),
  };
}
