import { fromTarName } from "../../../rootfs/tree/raw-path.js";
import { AccountBook } from "../../scripts/account-book.js";
import { fileCommands } from "../../scripts/commands/file-commands.js";
import { ownerCommands } from "../../scripts/commands/owner-commands.js";
import { isHarmless, plainCommands } from "../../scripts/commands/plain-commands.js";
import { done, type CommandModel, type ScriptHost } from "../../scripts/script-host.js";
import { globTree } from "../../scripts/glob-tree.js";
import { followScript } from "../../scripts/follow-script.js";
import { installationWork } from "../../scripts/script-work.js";
import { programsOf } from "../../scripts/missing-programs.js";
import { textCommands } from "../../scripts/commands/text-commands.js";
import { testCommand, type FindNode } from "../../scripts/commands/test-command.js";
import type { PackageNotice, ReservedIds } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import { compareApkVersions } from "../formats/version.js";
import type { ScriptKind } from "../formats/scripts-archive.js";
import { accountCommands } from "./account-commands.js";
import { busybox } from "./busybox.js";
import { BusyboxAccounts } from "./busybox-accounts.js";
import { updateCaCertificates } from "./ca-certificates.js";
import { loginShells } from "./login-shells.js";
import { streamEditor } from "./stream-editor.js";

/** Leave nothing in an image: they only read, or talk to running processes. */
const harmless: ReadonlySet<string> = new Set([
  "apk info",
  "apk list",
  "apk version",
  "killall",
  "pkill",
  "rc-service",
  "rc-status",
  "udevadm",
]);

/** The root while apk's packages are installed in it: their scripts are followed against it, one after the other. */
export class ScriptWorld {
  readonly accounts: BusyboxAccounts;
  readonly notices: PackageNotice[] = [];
  readonly #editor: RootEditor;
  readonly #work = installationWork();
  readonly #commands: Readonly<Record<string, CommandModel>>;
  /** What the current script does that is not reproduced. */
  #unread: string[] = [];

  constructor(editor: RootEditor, reserved: ReservedIds) {
    this.#editor = editor;
    this.accounts = new BusyboxAccounts(editor, reserved);
    const book = new AccountBook(editor, reserved);
    const find: FindNode = (path, follow) => {
      const raw = rooted(path);
      if (raw === undefined || /^\/?(?:proc|sys)\//.test(path)) return undefined;
      return follow ? editor.node(raw) : editor.ownNode(raw);
    };
    const dispatch = (name: string): CommandModel | undefined => this.#command(name);
    this.#commands = {
      ...plainCommands(editor),
      ...textCommands(editor),
      ...fileCommands(editor, book),
      ...ownerCommands(editor, book),
      ...accountCommands(editor, this.accounts),
      "[": testCommand(find, true),
      test: testCommand(find, false),
      busybox: busybox(editor, dispatch),
      sed: streamEditor(editor),
      apk: ([command, flag, left = "", right = ""]) => {
        if (command !== "version" || flag !== "-t") return undefined;
        const order = compareApkVersions(left, right);
        return { status: 0, output: order < 0 ? "<\n" : order > 0 ? ">\n" : "=\n" };
      },
      ...loginShells(editor),
      "update-ca-certificates": () => {
        const left = updateCaCertificates(editor);
        this.#unread.push(...(left ?? []));
        return left === undefined ? undefined : done;
      },
      "rc-update": runlevels(editor),
    };
  }

  /** Follows one script as apk calls it, in the root directory. `origin`: `<name>-<version>`. */
  run(name: string, kind: ScriptKind, text: string, args: readonly string[]): void {
    const [, interpreter] = /^#!\s*(\S+(?:[ \t]+\S+)?)/.exec(text) ?? [];
    if (interpreter === undefined || !/^(?:\/usr)?\/bin\/(?:(?:ba|da|a)?sh\b|busybox[ \t]+(?:a)?sh$)/.test(interpreter)) {
      this.#report(name, kind, `it is a script for ${interpreter ?? "an unknown interpreter"}`);
      return;
    }
    const unread: string[] = [];
    this.#unread = unread;
    const variables = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", APK_PACKAGE: name };
    followScript(this.#editor, this.#host(unread), { text, args, variables }, this.#work);
    if (unread.length > 0) this.#report(name, kind, `what it does with ${programsOf(unread)} is missing`);
  }

  #report(name: string, kind: ScriptKind, what: string): void {
    this.notices.push({ kind: "maintainer-script", package: name, message: `the ${kind} script of ${name} is not run: ${what}` });
  }

  #command(name: string): CommandModel | undefined {
    const known = nameOf(name);
    return Object.hasOwn(this.#commands, known) ? this.#commands[known] : undefined;
  }

  #host(unread: string[]): ScriptHost {
    const editor = this.#editor;
    return {
      command: (name) => this.#command(name),
      isHarmless: (words) => {
        const own = words.map((word, at) => (at === 0 ? nameOf(word) : word));
        const inner = own.slice(own.findIndex((word) => word !== "exec" && word !== "busybox"));
        return harmless.has(inner[0] ?? "") || harmless.has(inner.slice(0, 2).join(" ")) || isHarmless(inner);
      },
      glob: (pattern) => globTree(editor, pattern),
      isThere: (path) => {
        const raw = rooted(path);
        return raw !== undefined && editor.ownNode(raw) !== undefined;
      },
      readFile: (path) => {
        const raw = rooted(path);
        return raw === undefined ? undefined : editor.text(raw);
      },
      script: () => undefined,
      writeFile: (path, text, append) => {
        const raw = rooted(path);
        const old = raw !== undefined && append ? editor.text(raw) : "";
        if (raw === undefined || (old === undefined && editor.node(raw) !== undefined)) return false;
        editor.write(raw, `${old ?? ""}${text}`);
        return true;
      },
      unread: (command) => unread.push(command.replace(/^exec /, "")),
    };
  }
}

/** rc-update(8): `add` puts a link into a runlevel. */
function runlevels(editor: RootEditor): CommandModel {
  return (args) => {
    const [command, service, level, ...more] = args.filter((arg) => !arg.startsWith("-"));
    if (command !== "add" || service === undefined || level === undefined || more.length > 0 || /\//.test(`${service}${level}`))
      return undefined;
    editor.link(`etc/runlevels/${level}/${service}`, `/etc/init.d/${service}`);
    return done;
  };
}

/** Scripts run in the root directory. */
function rooted(path: string): string | undefined {
  return path === "" || path.split("/").includes("..") || path.includes("\0") ? undefined : fromTarName(path);
}

/** Programs are recognized by their names, in any directory. */
function nameOf(command: string): string {
  return /^\/(?:usr\/)?s?bin\/([^/]+)$/.exec(command)?.[1] ?? command;
}
