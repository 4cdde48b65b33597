import { compareDebianVersions } from "../formats/version.js";
import { dpkgFolder, field, splitStatus } from "../install/database.js";
import { infoFolder } from "../install/info-files.js";
import { formatDiversions, parseDiversions } from "../install/diversions.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { AccountBook } from "../../scripts/account-book.js";
import { rawPath } from "../../scripts/commands/command-paths.js";
import { parseOptions } from "../../scripts/commands/options.js";
import { done, failed, unknown, type CommandModel, type CommandResult } from "../../scripts/script-host.js";

const overridesPath = `${dpkgFolder}/statoverride`;

/** dpkg(1), dpkg-statoverride(1), dpkg-divert(1) and dpkg-maintscript-helper(1) as maintainer scripts use them. */
export function dpkgCommands(editor: RootEditor, book: AccountBook, architecture: string): Readonly<Record<string, CommandModel>> {
  const dpkg: CommandModel = (args) => {
    if (args[0] === "--print-architecture") return { status: 0, output: `${architecture}\n` };
    if (args[0] === "-L" || args[0] === "--listfiles") return listFiles(editor, args.slice(1), architecture);
    if ((args[0] === "-S" || args[0] === "--search") && args.length === 2) return searchOwners(editor, args[1] ?? "");
    if (args[0] === "-s" || args[0] === "--status") {
      const block = statusOf(editor, args[1] ?? "");
      return block === undefined ? failed : { status: 0, output: block };
    }
    if (args[0] !== "--compare-versions") return undefined;
    const [, left = "", operator = "", right = ""] = args;
    const result = compareVersions(left, operator, right);
    return result === undefined ? undefined : { status: result ? 0 : 1 };
  };

  const query: CommandModel = (args) => {
    const words = args.flatMap((arg) => {
      const [, option, value] = /^(-f|--showformat)=?([\s\S]+)$/.exec(arg) ?? [];
      return option === undefined || value === undefined ? [arg] : ["-f", value];
    });
    const options = parseOptions(
      words.map((word) => (word === "--show" ? "-W" : word)),
      ["f"],
      ["W", "L", "listfiles", "S", "search"],
    );
    const [name, ...more] = options?.rest ?? [];
    if (options === undefined || name === undefined || more.length > 0) return unknown;
    if (options.values.has("L") || options.values.has("listfiles")) return listFiles(editor, [name], architecture);
    if (options.values.has("S") || options.values.has("search")) return searchOwners(editor, name);
    const format = options.values.get("f") ?? "${Package}\\t${Version}\\n";
    const block = statusOf(editor, name);
    if (!options.values.has("W") || /[*?[]/.test(name)) return unknown;
    if (block === undefined) return { status: 1, output: "" };
    const [want = "", flag = "", state = ""] = field(block, "Status").split(" ");
    const special: Readonly<Record<string, string>> = {
      "db:Status-Want": want,
      "db:Status-Eflag": flag,
      "db:Status-Status": state,
      "db:Status-Abbrev": state === "installed" ? "ii " : "un ",
    };
    const text = format.replace(/\$\{([^{}]+)\}/g, (_, key: string) => special[key] ?? field(block, key));
    return { status: 0, output: text.replaceAll("\\n", "\n").replaceAll("\\t", "\t") };
  };

  const statoverride: CommandModel = (args) => {
    const options = parseOptions(args, [], ["list", "add", "update", "force", "quiet", "force-all", "remove"]);
    if (options === undefined) return undefined;
    const text = editor.text(overridesPath) ?? "";
    const lines = text.split("\n").filter((line) => line !== "");
    if (options.values.has("list")) {
      const [path] = options.rest;
      const found = lines.filter((line) => path === undefined || line.split(" ").slice(3).join(" ") === path);
      return { status: found.length > 0 ? 0 : 1, output: found.map((line) => `${line}\n`).join("") };
    }
    const [user = "", group = "", mode = "", path = "", ...more] = options.rest;
    const raw = rawPath(path);
    if (!options.values.has("add") || raw === undefined || more.length > 0 || !/^[0-7]+$/.test(mode)) return undefined;
    const uid = book.user(user.replace(/^#/, ""))?.uid;
    const gid = book.group(group.replace(/^#/, ""))?.gid;
    if (uid === undefined || gid === undefined) return failed;
    editor.write(overridesPath, [...lines, `${user} ${group} ${mode.replace(/^0+(?=.)/, "")} ${path}`].map((line) => `${line}\n`).join(""));
    if (options.values.has("update")) editor.change(raw, { uid, gid, mode: parseInt(mode, 8) });
    return done;
  };

  const divert: CommandModel = (args) => {
    const options = parseOptions(
      args,
      ["package", "divert"],
      ["add", "remove", "rename", "no-rename", "local", "quiet", "listpackage", "truename", "list", "test"],
    );
    const [path] = options?.rest ?? [];
    const from = rawPath(path);
    if (options === undefined || from === undefined || path === undefined) return undefined;
    const file = `${dpkgFolder}/diversions`;
    const diversions = parseDiversions(editor.text(file) ?? "");
    const known = diversions.find((diversion) => diversion.from === from);
    if (options.values.has("listpackage")) {
      const owner = known?.owner === ":" ? "LOCAL" : known?.owner;
      return { status: 0, output: owner === undefined ? "" : `${owner}\n` };
    }
    if (options.values.has("truename")) return { status: 0, output: `${known === undefined ? path : `/${known.to}`}\n` };
    if (options.values.has("remove")) {
      if (known === undefined) return done;
      if (known.owner !== options.values.get("package")) return failed;
      editor.write(file, formatDiversions(diversions.filter((diversion) => diversion !== known)));
      return done;
    }
    if (options.values.has("list") || options.values.has("test")) return undefined;
    const to = rawPath(options.values.get("divert") ?? `${path}.distrib`);
    const owner = options.values.get("package") ?? ":";
    if (to === undefined || (known !== undefined && (known.to !== to || known.owner !== owner))) return failed;
    if (known === undefined) editor.write(file, formatDiversions([...diversions, { from, to, owner }]));
    const node = editor.ownNode(from);
    if (options.values.has("rename") && node !== undefined && editor.ownNode(to) === undefined) {
      editor.put(to, node);
      editor.remove(from);
    }
    return done;
  };

  // A first installation has no old file to move or remove.
  const helper: CommandModel = (args) => {
    const at = args.indexOf("--");
    const [action, old = ""] = at < 0 ? [] : args.slice(at + 1);
    if (args[0] === "supports") return done;
    return action === "install" || action === "triggered" || (action === "configure" && old === "") ? done : undefined;
  };

  return { dpkg, "dpkg-query": query, "dpkg-statoverride": statoverride, "dpkg-divert": divert, "dpkg-maintscript-helper": helper };
}

/** dpkg(1): without `-nl`, an empty version is earlier than any other; with it, later. */
function compareVersions(left: string, operator: string, right: string): boolean | undefined {
  const [, name = "", late] = /^(lt|le|eq|ne|ge|gt|<<?|<=|=|>=|>>?)(-nl)?$/.exec(operator) ?? [];
  if (name === "") return undefined;
  const none = late === undefined ? -1 : 1;
  const order = left === "" && right === "" ? 0 : left === "" ? none : right === "" ? -none : compareDebianVersions(left, right);
  if (name === "lt" || name === "<<") return order < 0;
  if (name === "le" || name === "<=" || name === "<") return order <= 0;
  if (name === "eq" || name === "=") return order === 0;
  if (name === "ne") return order !== 0;
  return name === "gt" || name === ">>" ? order > 0 : order >= 0;
}

function statusOf(editor: RootEditor, name: string): string | undefined {
  const [plain = ""] = name.split(":");
  return splitStatus(editor.text(`${dpkgFolder}/status`) ?? "").find((block) => block.name === plain)?.text;
}

function listFiles(editor: RootEditor, names: readonly string[], architecture: string): CommandResult {
  const lists = names.map((name) => editor.text(`${infoFolder}/${name}.list`) ?? editor.text(`${infoFolder}/${name}:${architecture}.list`));
  return { status: lists.includes(undefined) ? 1 : 0, output: lists.map((list) => list ?? "").join("") };
}

/** The packages that list a path, compared as written. */
function searchOwners(editor: RootEditor, path: string): CommandResult {
  if (/[*?[]/.test(path) || !path.startsWith("/")) return unknown;
  const lists = editor.tree.list(infoFolder).filter((file) => file.endsWith(".list"));
  const owners = lists.filter((file) => (editor.text(`${infoFolder}/${file}`) ?? "").split("\n").includes(path));
  const output = owners.length === 0 ? "" : `${owners.map((file) => file.slice(0, -".list".length)).join(", ")}: ${path}\n`;
  return { status: owners.length === 0 ? 1 : 0, output };
}
