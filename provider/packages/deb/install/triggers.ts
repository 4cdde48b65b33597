import type { RootEditor } from "../../root/root-editor.js";
import { dpkgFolder } from "./database.js";
import type { IncomingPackage } from "./incoming-package.js";

const folder = `${dpkgFolder}/triggers`;

/** Triggers whose work is reproduced here. */
const reproduced = new Set(["libc-bin", "ca-certificates", "debianutils"]);

interface Interest {
  readonly trigger: string;
  /** As written after the trigger: `libc-bin`, `debianutils/noawait`. */
  readonly who: string;
}

/**
 * Registers a package's interests where dpkg looks for them: paths in `File`, names in files of their own (deb-triggers(5)). Removes those
 * of an older version.
 */
export function registerTriggers(editor: RootEditor, { unpacked, info, oldInfo }: IncomingPackage): void {
  if (oldInfo !== undefined) forgetTriggers(editor, oldInfo);
  for (const { trigger, who } of interestsOf(unpacked.control.get("triggers")?.toString("latin1") ?? "", info)) {
    const isPath = trigger.startsWith("/");
    const path = isPath ? `${folder}/File` : `${folder}/${trigger}`;
    const line = isPath ? `${trigger} ${who}` : who;
    const lines = (editor.text(path) ?? "").split("\n").filter((old) => old !== "" && old !== line);
    editor.write(path, [...lines, line].map((text) => `${text}\n`).join(""));
  }
}

function forgetTriggers(editor: RootEditor, info: string): void {
  const real = editor.tree.follow(folder);
  for (const file of real === undefined ? [] : editor.tree.list(real)) {
    const text = editor.text(`${folder}/${file}`) ?? "";
    const kept = text.split("\n").filter(
      (line) =>
        line
          .split(" ")
          .at(-1)
          ?.replace(/\/noawait$/, "") !== info,
    );
    if (kept.join("\n") === text) continue;
    if (kept.join("") === "" && file !== "File") editor.remove(`${folder}/${file}`);
    else editor.write(`${folder}/${file}`, kept.join("\n"));
  }
}

function interestsOf(text: string, who: string): readonly Interest[] {
  return directives(text).flatMap(([word, trigger]) =>
    /^interest(?:-await|-noawait)?$/.test(word) ? [{ trigger, who: word === "interest-noawait" ? `${who}/noawait` : who }] : [],
  );
}

/** The first two words of each line of a `triggers` file (deb-triggers(5)). */
function directives(text: string): readonly (readonly [word: string, trigger: string])[] {
  return text.split("\n").flatMap((line) => {
    const [word, trigger] = line.trim().split(/\s+/, 2);
    return word === undefined || trigger === undefined ? [] : [[word, trigger] as const];
  });
}

/** A trigger by its name, and the package that activated it. */
export interface Activation {
  readonly trigger: string;
  readonly by: string;
}

/** A package whose postinst dpkg would call for triggers, unless their work is reproduced here in another way. */
export interface Triggered {
  readonly name: string;
  /** Names of the triggers, as its postinst receives them. */
  readonly triggers: readonly string[];
  /** The packages that activated them. */
  readonly by: readonly string[];
}

/** Sorted by name. */
export function findTriggered(
  editor: RootEditor,
  incoming: readonly IncomingPackage[],
  activations: readonly Activation[],
): readonly Triggered[] {
  const activated = new Map<string, { readonly triggers: Set<string>; readonly by: Set<string> }>();
  const activate = (who: string, trigger: string, by: string): void => {
    const [name = ""] = who.split(/[/:]/);
    if (reproduced.has(name)) return;
    const entry = activated.get(name) ?? { triggers: new Set(), by: new Set() };
    entry.triggers.add(trigger);
    entry.by.add(by);
    activated.set(name, entry);
  };
  const paths = (editor.text(`${folder}/File`) ?? "").split("\n").flatMap((line) => {
    const [path = "", who = ""] = line.split(" ");
    return path.startsWith("/") && who !== "" ? [[path.slice(1), who] as const] : [];
  });
  const pull = (trigger: string, by: string): void => {
    const whos = trigger.startsWith("/")
      ? paths.flatMap(([path, who]) => (trigger === `/${path}` || trigger.startsWith(`/${path}/`) ? [who] : []))
      : (editor.text(`${folder}/${trigger}`) ?? "").split("\n");
    for (const who of whos) if (who !== "") activate(who, trigger, by);
  };
  for (const { trigger, by } of activations) pull(trigger, by);
  for (const { name, unpacked } of incoming) {
    for (const [word, trigger] of directives(unpacked.control.get("triggers")?.toString("latin1") ?? ""))
      if (word.startsWith("activate")) pull(trigger, name);
    for (const [path, who] of paths) {
      if (unpacked.entries.some((entry) => entry.path === path || entry.path.startsWith(`${path}/`))) activate(who, `/${path}`, name);
    }
  }
  return [...activated].sort().map(([name, { triggers, by }]) => ({ name, triggers: [...triggers].sort(), by: [...by].sort() }));
}
