import { fromTarName, joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { dpkgFolder } from "../install/database.js";
import { done, failed, type CommandModel, type CommandResult } from "../../scripts/script-host.js";

interface Choice {
  readonly path: string;
  readonly priority: number;
  /** By the slave's name; "" for one without a file. */
  readonly slaves: ReadonlyMap<string, string>;
}

interface Group {
  readonly mode: "auto" | "manual";
  readonly link: string;
  /** Slave names to their links. */
  readonly slaves: ReadonlyMap<string, string>;
  readonly choices: readonly Choice[];
}

const registry = `${dpkgFolder}/alternatives`;
const linkFolder = "etc/alternatives";

/** `update-alternatives --install` and `--remove`, with the registry as dpkg writes it (update-alternatives.c, alternative_save). */
export function updateAlternatives(editor: RootEditor): CommandModel {
  return (args) => {
    const words = args.filter((arg) => !/^--(?:quiet|force|verbose)$/.test(arg));
    const [action, link = "", name = "", path = "", priority = "", ...rest] = words;
    if (action === "--query" || action === "--display" || action === "--list") return describeGroup(editor, action, link);
    if (action === "--remove" || action === "--remove-all") return readGroup(editor, link) === undefined ? done : undefined;
    if (action === "--auto" || action === "--set") return readGroup(editor, link) === undefined ? failed : undefined;
    if (action !== "--install" || !/^-?[0-9]+$/.test(priority)) return undefined;
    const slaves = readSlaves(rest);
    if (slaves === undefined) return undefined;
    if (editor.node(fromTarName(path)) === undefined) return failed;
    const group = readGroup(editor, name);
    if (group?.mode === "manual") return undefined;
    const choice = { path, priority: Number(priority), slaves: new Map(slaves.map((slave) => [slave.name, slave.path])) };
    const merged: Group = {
      mode: "auto",
      link,
      slaves: new Map([...(group?.slaves ?? []), ...slaves.map((slave) => [slave.name, slave.link] as const)]),
      choices: [...(group?.choices ?? []).filter((other) => other.path !== path), choice],
    };
    editor.write(`${registry}/${name}`, formatGroup(merged));
    makeLinks(editor, name, merged);
    return done;
  };
}

/** What `--query` and `--list` print; for `--display` only whether the group exists. */
function describeGroup(editor: RootEditor, action: string, name: string): CommandResult {
  const group = readGroup(editor, name);
  if (group === undefined) return { status: 2, output: "" };
  if (action === "--list") return { status: 0, output: group.choices.map(({ path }) => `${path}\n`).join("") };
  const value = editor.ownNode(joinRaw(linkFolder, name))?.target ?? "none";
  const head = [`Name: ${name}`, `Link: ${group.link}`, `Status: ${group.mode}`, `Best: ${value}`, `Value: ${value}`];
  const body = group.choices.map(({ path, priority }) => `\nAlternative: ${path}\nPriority: ${String(priority)}\n`);
  return action === "--query" ? { status: 0, output: `${head.join("\n")}\n${body.join("")}` } : { status: 0, output: undefined };
}

function readSlaves(args: readonly string[]): readonly { link: string; name: string; path: string }[] | undefined {
  const slaves: { link: string; name: string; path: string }[] = [];
  for (let at = 0; at < args.length; at += 4) {
    const [option, link = "", name = "", path = ""] = args.slice(at, at + 4);
    if (option !== "--slave" || path === "") return undefined;
    slaves.push({ link, name, path });
  }
  return slaves;
}

function readGroup(editor: RootEditor, name: string): Group | undefined {
  const lines = editor.text(`${registry}/${name}`)?.split("\n");
  if (lines === undefined) return undefined;
  const [mode, link = "", ...rest] = lines;
  const slaves = new Map<string, string>();
  let at = 0;
  for (; rest[at] !== undefined && rest[at] !== ""; at += 2) slaves.set(rest[at] ?? "", rest[at + 1] ?? "");
  const choices: Choice[] = [];
  for (at += 1; rest[at] !== undefined && rest[at] !== ""; at += 2 + slaves.size) {
    const files = [...slaves.keys()].map((slave, index) => [slave, rest[at + 2 + index] ?? ""] as const);
    choices.push({ path: rest[at] ?? "", priority: Number(rest[at + 1]), slaves: new Map(files) });
  }
  return { mode: mode === "manual" ? "manual" : "auto", link, slaves, choices };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function formatGroup({ mode, link, slaves, choices }: Group): string {
  const names = [...slaves.keys()].sort(byText);
  const head = [mode, link, ...names.flatMap((name) => [name, slaves.get(name) ?? ""]), ""];
  const body = [...choices]
    .sort((a, b) => byText(a.path, b.path))
    .flatMap((choice) => [choice.path, String(choice.priority), ...names.map((name) => choice.slaves.get(name) ?? "")]);
  return [...head, ...body, "", ""].join("\n");
}

/** In auto mode the highest priority wins; of equals, the first in the registry. */
function makeLinks(editor: RootEditor, name: string, group: Group): void {
  const [best] = [...group.choices].sort((a, b) => b.priority - a.priority);
  if (best === undefined) return;
  makeLink(editor, name, group.link, best.path);
  for (const [slave, link] of group.slaves) {
    const file = best.slaves.get(slave);
    if (file !== undefined && file !== "" && editor.node(fromTarName(file)) !== undefined) makeLink(editor, slave, link, file);
    else {
      editor.remove(joinRaw(linkFolder, slave));
      const own = editor.ownNode(fromTarName(link));
      if (own?.target === `/${linkFolder}/${slave}`) editor.remove(fromTarName(link));
    }
  }
}

/** A file in place of the link is left alone, as update-alternatives does without --force. */
function makeLink(editor: RootEditor, name: string, link: string, target: string): void {
  editor.link(joinRaw(linkFolder, name), target);
  const path = fromTarName(link);
  const old = editor.ownNode(path);
  if (old === undefined || old.type === "symlink") editor.link(path, `/${linkFolder}/${name}`);
}
