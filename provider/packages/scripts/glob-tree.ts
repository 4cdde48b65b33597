import { joinRaw } from "../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../root/root-editor.js";
import { compilePattern, matchCost } from "./patterns/shell-patterns.js";

/** The paths of a root that a pattern of the shell matches, as absolute or relative as it is. What it costs is spent of the editor's bound. */
export function globTree(editor: RootEditor, pattern: string): readonly string[] {
  const start = pattern.startsWith("/") ? "/" : "";
  let found = [""];
  for (const part of pattern.split("/").filter((piece) => piece !== "")) {
    const test = compilePattern(part);
    const matches = (name: string): boolean => {
      editor.spend(matchCost(part, name));
      return test(name);
    };
    found = found.flatMap((folder) => {
      const real = editor.tree.follow(folder);
      const names = real === undefined ? [] : editor.list(real);
      return names.filter((name) => matches(name) && (!name.startsWith(".") || part.startsWith("."))).map((name) => joinRaw(folder, name));
    });
  }
  return found.map((path) => `${start}${path}`);
}
