import { isExecutable } from "../../../rootfs/tree/executable.js";
import { baseNameOf, fromTarName, joinRaw } from "../../../rootfs/tree/raw-path.js";
import { trimEndOf } from "../../../text/trim.js";
import type { RootEditor } from "../../root/root-editor.js";
import { evaluateArithmetic } from "../shell/arithmetic.js";
import { done, failed, unknown, type CommandModel } from "../script-host.js";
import { testCommand, type FindNode } from "./test-command.js";

/** Leave nothing in an image: they read, print, talk to running processes, or run once for all packages at the end. */
const harmless: ReadonlySet<string> = new Set(
  (
    ". : [ awk basename break cat cd cmp command continue cut date db_fget db_metaget deb-systemd-invoke debconf-communicate diff dirname " +
    "dpkg-query dpkg-realpath dpkg-trigger echo egrep env exit expr false fgrep find find_conffiles getcap getent getopts grep head hostname " +
    "export local readonly declare typeset id pgrep pidof pkill killall df du blkid pg_conftool pam_getenv locale localectl timedatectl " +
    "invoke-rc.d ldconfig ldconfig.real local logger ls md5sum mktemp printf ps pwd read readlink realpath return rev-parse sed service " +
    "set sha256sum shift sleep sort start-stop-daemon stat sync systemctl systemd-notify ischroot telinit mountpoint warning setup_colors db_reset tail test tr trap true tty type udevadm umask " +
    "unalias uname uniq unset wc which whoami db_version db_capb db_go db_stop db_input db_title db_settitle db_fset db_subst db_get"
  ).split(" "),
);
/** Whether a command, as far as its words are known, leaves nothing in an image. */
export function isHarmless(words: readonly string[]): boolean {
  const [name = "", ...args] = words;
  if (name === "sed" && args.some((arg) => /^(?:-[a-z]*i|--in-place)/.test(arg))) return false;
  if (name === "find" && args.some((arg) => /^-(?:delete|exec|execdir|ok)$/.test(arg))) return false;
  if (name === "systemctl") return !args.some(changesUnits);
  if (name === "dpkg")
    return /^(?:-[LlsSV]|--list|--listfiles|--status|--search|--print-.*|--compare-versions|--assert-.*)$/.test(args[0] ?? "");
  if (name === "update-alternatives") return /^--(?:query|list|display|get-selections)$/.test(args[0] ?? "");
  return harmless.has(name);
}

function changesUnits(word: string): boolean {
  return /^(?:enable|disable|preset|preset-all|mask|unmask|reenable|set-default)$/.test(word);
}

/** Numbers that `seq` may print. */
export const MAX_SEQUENCE = 10_000;

/** The name that `mktemp` returns. */
const temporaryFile = "tmp/maintainer-script.tmp";

/** Removes what `mktemp` made, when a script ends. */
export function removeTemporaryFiles(editor: RootEditor): void {
  for (let path = temporaryFile; editor.ownNode(path) !== undefined; path += "x") editor.remove(path);
}

const directories = ["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"];

/** Commands that only read and print, with their output where it is known. */
export function plainCommands(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  // Nothing is mounted in an image.
  const find: FindNode = (path, follow) => {
    if (!path.startsWith("/") || /^\/(?:proc|sys)\//.test(path)) return undefined;
    const raw = fromTarName(path);
    return follow ? editor.node(raw) : editor.ownNode(raw);
  };
  const program = (name: string): string | undefined => {
    if (name.startsWith("/")) return isExecutable(editor.node(fromTarName(name))) ? name : undefined;
    const folder = directories.find((directory) => editor.node(joinRaw(directory, name)) !== undefined);
    return folder === undefined ? undefined : `/${joinRaw(folder, name)}`;
  };
  const which: CommandModel = (args) => {
    const found = args.filter((arg) => !arg.startsWith("-")).map(program);
    if (found.includes(undefined) || found.length === 0) return { status: 1 };
    return { status: 0, output: found.map((path) => `${path ?? ""}\n`).join("") };
  };
  return {
    "[": testCommand(find, true),
    test: testCommand(find, false),
    ":": () => done,
    true: () => done,
    false: () => failed,
    ".": () => done,
    trap: () => done,
    unset: () => done,
    cd: () => done,
    uname: (args) => (args.length === 0 || args[0] === "-s" ? { status: 0, output: "Linux\n" } : undefined),
    // dpkg sets these for scripts.
    mountpoint: (args) => (["/proc", "/sys", "/dev"].includes(args.at(-1) ?? "") ? done : failed),
    echo: (args) => {
      const [, flags = ""] = /^-([neE]+)$/.exec(args[0] ?? "") ?? [];
      const text = args.slice(flags === "" ? 0 : 1).join(" ");
      return { status: 0, output: `${flags.includes("e") ? unescape(text) : text}${flags.includes("n") ? "" : "\n"}` };
    },
    printf: ([format = "", ...args]) => {
      if (/%(?![%sdib])/.test(format)) return undefined;
      const directives = (format.match(/%[sdib]/g) ?? []).length;
      const rounds = directives === 0 ? 1 : Math.max(1, Math.ceil(args.length / directives));
      editor.spend(rounds * format.length);
      const own = unescape(format);
      let at = 0;
      const once = (): string =>
        own.replace(/%([%sdib])/g, (_, kind: string) => (kind === "%" ? "%" : (args[at++] ?? (kind === "s" ? "" : "0"))));
      return { status: 0, output: Array.from({ length: rounds }, once).join("") };
    },
    basename: ([path = "", suffix = ""]) => {
      const name = baseNameOf(trimEndOf(path, "/"));
      return { status: 0, output: `${suffix !== "" && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n` };
    },
    dirname: ([path = ""]) => ({ status: 0, output: `${directoryOf(path)}\n` }),
    command: ([option, ...names]) => (option === "-v" ? which(names) : undefined),
    which,
    type: which,
    seq: (args) => {
      const [first, step, last] =
        args.length === 1 ? [1, 1, Number(args[0])] : args.length === 2 ? [Number(args[0]), 1, Number(args[1])] : args.map(Number);
      if (first === undefined || step === undefined || last === undefined || Number.isNaN(first + step + last) || step === 0)
        return undefined;
      const length = Math.max(0, Math.floor((last - first) / step) + 1);
      if (length > MAX_SEQUENCE) return undefined;
      return { status: 0, output: Array.from({ length }, (_, at) => `${String(first + at * step)}\n`).join("") };
    },
    expr: (args) => {
      const value = args.length === 3 && /^[-+*/%]$/.test(args[1] ?? "") ? evaluateArithmetic(args.join(" ")) : undefined;
      return value === undefined ? unknown : { status: value === 0 ? 1 : 0, output: `${String(value)}\n` };
    },
    ls: (args) => {
      const [path, ...more] = args.filter((arg) => !/^-[A1L]+$/.test(arg));
      if (path?.startsWith("/") !== true || more.length > 0) return unknown;
      const real = editor.tree.follow(fromTarName(path));
      if (real === undefined) return { status: 2, output: "" };
      const all = args.some((arg) => /^-.*A/.test(arg));
      const isFolder = editor.tree.get(real)?.type === "directory";
      const names = isFolder ? editor.list(real).filter((name) => all || !name.startsWith(".")) : [path];
      return { status: 0, output: names.map((name) => `${name}\n`).join("") };
    },
    // Nothing runs in an image.
    pgrep: () => failed,
    pidof: () => failed,
    pkill: () => failed,
    killall: () => failed,
    runlevel: () => ({ status: 1, output: "unknown\n" }),
    "aa-enabled": () => failed,
    "aa-status": () => failed,
    ischroot: () => done,
    whoami: () => ({ status: 0, output: "root\n" }),
    // No cluster exists, since none is made (left-out.ts).
    pg_lsclusters: () =>
      editor.node("etc/postgresql") === undefined || editor.tree.list("etc/postgresql").length === 0 ? { status: 0, output: "" } : unknown,
    "glib-compile-schemas": ([folder = ""]) => {
      const real = editor.tree.follow(fromTarName(folder));
      return real !== undefined && editor.tree.list(real).some((name) => name.endsWith(".gschema.xml")) ? undefined : done;
    },
    cmp: (args) => {
      const [left, right] = args
        .filter((arg) => !arg.startsWith("-"))
        .map((path) => (path.startsWith("/") ? editor.node(fromTarName(path)) : undefined));
      if (left === undefined || right === undefined) return { status: 2 };
      return { status: left.content?.digest === right.content?.digest ? 0 : 1 };
    },
    // Without a value it removes the variable from the file, which it creates first (update-locale(8)).
    "update-locale": (args) => {
      if (args.some((arg) => arg.includes("=")) || editor.node("etc/default/locale") !== undefined) return undefined;
      editor.write("etc/default/locale", "#  File generated by update-locale\n");
      return done;
    },
    // The file that it reads at its start.
    chronyd: ([option]) => (option === "-p" ? { status: 0, output: editor.text("etc/chrony/chrony.conf") } : undefined),
    // Created, written and removed within one script.
    mktemp: (args) => {
      if (args.some((arg) => /^-[a-z]*d|^--directory$/.test(arg))) return undefined;
      let path = temporaryFile;
      while (editor.node(path) !== undefined) {
        editor.spend(100);
        path += "x";
      }
      editor.write(path, "", { mode: 0o600 });
      return { status: 0, output: `/${path}\n` };
    },
    "dpkg-realpath": (args) => {
      const path = args.at(-1) ?? "";
      const real = path.startsWith("/") && args.length === 1 ? (editor.tree.follow(fromTarName(path)) ?? fromTarName(path)) : undefined;
      return real === undefined ? undefined : { status: 0, output: `/${real}\n` };
    },
    ldconfig: () => done,
    // Does not exist without systemd in the image; deb-systemd-helper enables units.
    systemctl: (args) => (args.some(changesUnits) && editor.node("usr/bin/systemctl") !== undefined ? undefined : done),
    "deb-systemd-invoke": () => done,
    "invoke-rc.d": () => done,
    restorecon: () => done,
    "update-ca-certificates": () => done,
  };
}

/** As dirname(1): without the last part and the slashes around it. */
function directoryOf(path: string): string {
  const plain = trimEndOf(path, "/");
  const end = plain.lastIndexOf("/");
  if (end < 0) return path.includes("/") && plain === "" ? "/" : ".";
  return trimEndOf(plain.slice(0, end), "/") || "/";
}

/** Escapes of printf(1) that scripts use. */
function unescape(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", "0": "\0" };
  return text.replace(/\\([nt\\0])/g, (_, letter: string) => letters[letter] ?? "");
}
