import { fromTarName, joinRaw } from "../../../rootfs/raw-path.js";
import type { RootEditor } from "../../root-editor.js";
import { done, failed, type CommandModel } from "./script-host.js";
import { testCommand, type FindNode } from "./test-command.js";

/** Leave nothing in an image: they look, speak, talk to what runs, or are done for all packages at the end. */
const harmless: ReadonlySet<string> = new Set(
  (
    ". : [ awk basename break cat cd cmp command continue cut date db_fget db_metaget deb-systemd-invoke debconf-communicate diff dirname " +
    "dpkg-query dpkg-realpath dpkg-trigger echo egrep env exit expr false fgrep find find_conffiles getcap getent getopts grep head hostname " +
    "id invoke-rc.d ldconfig ldconfig.real local logger ls md5sum mktemp printf ps pwd read readlink realpath return rev-parse sed service " +
    "set sha256sum shift sleep sort start-stop-daemon stat sync systemctl systemd-notify ischroot telinit mountpoint warning setup_colors db_reset tail test tr trap true tty type udevadm umask " +
    "unalias uname uniq unset wc which whoami db_version db_capb db_go db_stop db_input db_title db_settitle db_fset db_subst db_get"
  ).split(" "),
);
/** Whether a command, as far as its words are known, leaves nothing behind. */
export function isHarmless(words: readonly string[]): boolean {
  const [name = "", ...args] = words;
  if (name === "sed" && args.some((arg) => /^(?:-[a-z]*i|--in-place)/.test(arg))) return false;
  if (name === "find" && args.some((arg) => /^-(?:delete|exec|execdir|ok)$/.test(arg))) return false;
  if (name === "dpkg")
    return /^(?:-[LlsSV]|--list|--listfiles|--status|--search|--print-.*|--compare-versions|--assert-.*)$/.test(args[0] ?? "");
  if (name === "update-alternatives") return /^--(?:query|list|display|get-selections)$/.test(args[0] ?? "");
  return harmless.has(name);
}

/** What `mktemp` names; it is taken away when a script ends. */
export const temporaryFile = "tmp/maintainer-script.tmp";

const directories = ["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"];

/** Commands that only look and speak, with what they say where it is known. */
export function plainCommands(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  // Nothing is mounted in an image.
  const find: FindNode = (path, follow) => {
    if (!path.startsWith("/") || /^\/(?:proc|sys)\//.test(path)) return undefined;
    const raw = fromTarName(path);
    return follow ? editor.node(raw) : editor.ownNode(raw);
  };
  const program = (name: string): string | undefined => {
    if (name.startsWith("/")) return (editor.node(fromTarName(name))?.mode ?? 0) & 0o111 ? name : undefined;
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
    // Scripts may count on these when dpkg calls them.
    mountpoint: (args) => (["/proc", "/sys", "/dev"].includes(args.at(-1) ?? "") ? done : failed),
    echo: (args) => {
      const bare = args[0] === "-n";
      return args[0] === "-e" ? undefined : { status: 0, output: `${args.slice(bare ? 1 : 0).join(" ")}${bare ? "" : "\n"}` };
    },
    printf: ([format = "", ...args]) =>
      /[%\\]/.test(format.replace(/\\n/g, "").replace("%s", ""))
        ? undefined
        : { status: 0, output: format.replace("%s", args[0] ?? "").replace(/\\n/g, "\n") },
    basename: ([path = "", suffix = ""]) => {
      const name = path.replace(/\/+$/, "").replace(/^.*\//, "");
      return { status: 0, output: `${suffix !== "" && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n` };
    },
    dirname: ([path = ""]) => ({ status: 0, output: `${path.includes("/") ? path.replace(/\/+[^/]*\/*$/, "") || "/" : "."}\n` }),
    command: ([option, ...names]) => (option === "-v" ? which(names) : undefined),
    which,
    type: which,
    cat: ([path, ...more]) => {
      const text = path?.startsWith("/") === true && more.length === 0 ? editor.text(fromTarName(path)) : undefined;
      return text === undefined ? undefined : { status: 0, output: text };
    },
    grep: (args) => {
      const file = args.filter((arg) => !arg.startsWith("-"))[1];
      return file?.startsWith("/") === true && editor.node(fromTarName(file)) === undefined ? { status: 2 } : undefined;
    },
    // It is made, written and removed again within one script.
    mktemp: (args) =>
      args.some((arg) => arg.includes("/") || /^-[a-z]*[dt]/.test(arg)) ? undefined : { status: 0, output: `/${temporaryFile}\n` },
    "dpkg-realpath": (args) => {
      const path = args.at(-1) ?? "";
      const real = path.startsWith("/") && args.length === 1 ? (editor.tree.follow(fromTarName(path)) ?? fromTarName(path)) : undefined;
      return real === undefined ? undefined : { status: 0, output: `/${real}\n` };
    },
    ldconfig: () => done,
    systemctl: () => done,
    "deb-systemd-invoke": () => done,
    "invoke-rc.d": () => done,
    restorecon: () => done,
    "update-ca-certificates": () => done,
  };
}
