import type { RawPath } from "../../../rootfs/tree/node.js";
import { joinRaw } from "../../../rootfs/tree/raw-path.js";
import { matchesPattern } from "../../scripts/patterns/shell-patterns.js";
import type { RootEditor } from "../../root/root-editor.js";
import { trimOf } from "../../../text/trim.js";

interface ProtectedPath {
  readonly parts: readonly string[];
  readonly isProtected: boolean;
}

const lists = "etc/apk/protected_paths.d";

/** The protected paths that are built into apk (apk-tools 2.14, src/database.c). */
const own = "+etc\n@etc/init.d\n!etc/apk\n";

/**
 * Directories whose files apk does not overwrite if they were changed: apk's own list and those of
 * `/etc/apk/protected_paths.d`. Patterns name directories, and apply to everything below until another pattern overrides them.
 */
export class ProtectedPaths {
  readonly #paths: readonly ProtectedPath[];

  constructor(editor: RootEditor) {
    const real = editor.tree.follow(lists);
    const names = real === undefined ? [] : editor.tree.list(real).filter((name) => name.endsWith(".list"));
    this.#paths = [own, ...names.map((name) => editor.text(joinRaw(lists, name)) ?? "")].flatMap((text) => text.split("\n")).flatMap(parse);
  }

  has(directory: RawPath): boolean {
    const parts = directory === "" ? [] : directory.split("/");
    let found = false;
    for (let depth = 1; depth <= parts.length; depth += 1) {
      for (const { parts: pattern, isProtected } of this.#paths) {
        if (pattern.length === depth && pattern.every((part, at) => matchesPattern(parts[at] ?? "", part))) found = isProtected;
      }
    }
    return found;
  }
}

function parse(line: string): readonly ProtectedPath[] {
  if (line === "" || line.startsWith("#")) return [];
  const text = trimOf(line.replace(/^[-+@!]/, ""), "/");
  return [{ parts: text.split("/"), isProtected: !line.startsWith("-") }];
}
