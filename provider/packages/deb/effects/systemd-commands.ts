import { fromTarName, joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { RawPath } from "../../../rootfs/tree/node.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { AccountBook } from "../../scripts/account-book.js";
import { changeMode } from "../../scripts/commands/file-mode.js";
import { readOwners } from "../../scripts/commands/ownership.js";
import { done, failed, type CommandModel } from "../../scripts/script-host.js";

/** Directories that exist only at run time, or are emptied then. */
const passing = /^\/(?:run|var\/run|tmp|var\/tmp|proc|sys|dev)(?:\/|$)/;

/** systemd-sysusers(8) and systemd-tmpfiles(8) with the configuration files of packages; a root without these programs does nothing. */
export function systemdCommands(editor: RootEditor, book: AccountBook): Readonly<Record<string, CommandModel>> {
  const configured = (kind: string, args: readonly string[]): readonly (readonly string[])[] => {
    const folders = [`etc/${kind}.d`, `usr/lib/${kind}.d`];
    const listed = folders.flatMap((folder) => {
      const real = editor.tree.follow(folder);
      return real === undefined ? [] : editor.tree.list(real).filter((name) => name.endsWith(".conf"));
    });
    const given = args.filter((arg) => !arg.startsWith("-"));
    const names = given.length > 0 ? given : [...new Set(listed)].sort();
    const paths = names.map((name) => folders.map((folder) => joinRaw(folder, name)).find((path) => editor.node(path) !== undefined));
    return paths.flatMap((path) => (path === undefined ? [] : linesOf(editor, path)));
  };

  const sysusers: CommandModel = (args) => {
    if (editor.node("usr/bin/systemd-sysusers") === undefined) return failed;
    const lines = configured("sysusers", args);
    if (lines.some(([type = ""]) => !/^[ugmr]!?$/.test(type))) return undefined;
    for (const [type = "", name = "", id = "-", gecos = "-", home = "-", shell = "-"] of lines) {
      const [uid, gid] = id.split(":").map((part) => (/^[0-9]+$/.test(part) ? Number(part) : undefined));
      const value = (text: string, otherwise: string): string => (text === "-" ? otherwise : text);
      if (type.startsWith("g")) book.addSysgroup(name, uid);
      if (type.startsWith("u"))
        book.addSysuser({ name, uid, gid, gecos: value(gecos, ""), home: value(home, "/"), shell: value(shell, "/usr/sbin/nologin") });
      if (type.startsWith("m")) book.addMember(id, name);
    }
    return done;
  };

  const tmpfiles: CommandModel = (args) => {
    if (editor.node("usr/bin/systemd-tmpfiles") === undefined) return failed;
    if (!args.includes("--create")) return undefined;
    let all = true;
    for (const [type = "", path = "", mode = "-", user = "-", group = "-", , argument = "-"] of configured("tmpfiles", args)) {
      // Only empties a directory, or only changes how it is stored on disk.
      if (passing.test(path) || /^[exXrRhHaAtT]/.test(type)) continue;
      // A credential of the machine: an image has none.
      if (type.includes("^")) continue;
      const raw = fromTarName(path);
      const owner = readOwners(book, [user, group].map((name) => name.replace(/^(?:-|:)/, "")).join(":"));
      const bits = mode === "-" ? undefined : changeMode(mode.replace(/^[~:]+/, ""), 0, !/^[fz]/.test(type));
      const there = editor.node(raw) !== undefined;
      // Specifiers stand for the machine, which is not known; a line `z` with one names files that do not exist.
      if (/^[zZ]/.test(type) && (path.includes("%") || !there)) continue;
      if (path.includes("%") || owner === undefined) all = false;
      else if (/^[dDvqQ]/.test(type) && !there) editor.makeDirectory(raw, { mode: bits ?? 0o755, ...owner });
      else if (/^[dDvqQz]/.test(type)) {
        if (bits !== undefined && !mode.startsWith(":")) editor.change(raw, { mode: bits, ...owner });
      } else if (/^L/.test(type) && argument !== "-") {
        if (editor.ownNode(raw) === undefined) editor.link(raw, argument);
      } else if (/^f/.test(type) && !argument.includes("\\")) {
        if (!there) editor.write(raw, argument === "-" ? "" : argument, { mode: bits ?? 0o644, ...owner });
      } else all = false;
    }
    return all ? done : undefined;
  };

  return { "systemd-sysusers": sysusers, "systemd-tmpfiles": tmpfiles };
}

/** Words of each line, quotes removed (tmpfiles.d(5), sysusers.d(5)). */
function linesOf(editor: RootEditor, path: RawPath): readonly (readonly string[])[] {
  const lines = (editor.text(path) ?? "").split("\n").filter((line) => /^\s*[^#\s]/.test(line));
  return lines.map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain));
}
