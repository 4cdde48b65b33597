import type { RootEditor } from "../../root/root-editor.js";
import { done, type CommandModel } from "../../scripts/script-host.js";

/** shadowconfig(8): moves passwords out of passwd and group (pwconv(8), grpconv(8)), without the day of the last change. */
export function shadowConfig(editor: RootEditor): CommandModel {
  return ([action]) => {
    if (action !== "on") return undefined;
    convert(editor, "etc/passwd", "etc/shadow", (name, password) => `${name}:${password}::0:99999:7:::`);
    convert(editor, "etc/group", "etc/gshadow", (name, password, members) => `${name}:${password}::${members}`);
    return done;
  };
}

function convert(
  editor: RootEditor,
  open: string,
  hidden: string,
  line: (name: string, password: string, members: string) => string,
): void {
  const entries = (editor.text(open) ?? "")
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => text.split(":"));
  if (entries.length === 0) return;
  const kept = (editor.text(hidden) ?? "").split("\n").filter((text) => text !== "");
  const known = new Set(kept.map((text) => text.split(":")[0]));
  const added = entries.flatMap(([name = "", password = "", , members = ""]) =>
    known.has(name) ? [] : [line(name, password === "x" ? "!" : password, members)],
  );
  editor.write(open, entries.map(([name = "", , ...rest]) => `${[name, "x", ...rest].join(":")}\n`).join(""));
  editor.write(hidden, [...kept, ...added].map((text) => `${text}\n`).join(""), { mode: 0o640, uid: 0, gid: 42 });
}
