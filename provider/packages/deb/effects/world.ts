import { fromTarName, joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import type { PackageNotice, ReservedIds } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import { dpkgFolder } from "../install/database.js";
import { infoFolder } from "../install/info-files.js";
import type { IncomingPackage } from "../install/incoming-package.js";
import type { Activation, Triggered } from "../install/triggers.js";
import { AccountBook } from "../../scripts/account-book.js";
import { accountCommands } from "./account-commands.js";
import { updateAlternatives } from "./alternatives.js";
import { updateCaCertificates, writeCaConfiguration } from "./ca-certificates.js";
import { dpkgCommands } from "./dpkg-commands.js";
import { apacheCommands } from "./apache-commands.js";
import { findCommand } from "../../scripts/commands/find-command.js";
import { javaCommand } from "./java-keystore.js";
import { leftOut } from "./left-out.js";
import { systemdCommands } from "./systemd-commands.js";
import { textCommands } from "../../scripts/commands/text-commands.js";
import { ucfCommands } from "./ucf-commands.js";
import { fileCommands } from "../../scripts/commands/file-commands.js";
import { ownerCommands } from "../../scripts/commands/owner-commands.js";
import { isHarmless, plainCommands } from "../../scripts/commands/plain-commands.js";
import type { CommandModel, ScriptHost } from "../../scripts/script-host.js";
import { serviceCommands } from "./service-commands.js";
import { globTree } from "../../scripts/glob-tree.js";
import { shadowConfig } from "./shadow-commands.js";
import { addShell, updateShells } from "./shells.js";
import { writeTimezone } from "./timezone.js";
import { followScript } from "../../scripts/follow-script.js";
import { installationWork } from "../../scripts/script-work.js";
import { programsOf } from "../../scripts/missing-programs.js";
import { readTemplates } from "./templates.js";

/** Scripts that use debconf at length, reimplemented as functions. */
const replaced: Readonly<Record<string, (editor: RootEditor) => void>> = {
  "ca-certificates postinst": writeCaConfiguration,
  "tzdata postinst": writeTimezone,
};

/** The package whose script is followed. */
type Configured = Pick<IncomingPackage, "name" | "architecture"> & { readonly unpacked: Pick<IncomingPackage["unpacked"], "control"> };

/** The root while packages are configured in it: maintainer scripts are followed against it, one after the other. */
export class EffectWorld {
  readonly #editor: RootEditor;
  readonly #book: AccountBook;
  readonly #architecture: string;
  readonly #incoming: readonly IncomingPackage[];
  readonly #notices: PackageNotice[] = [];
  readonly #work = installationWork();
  /** Triggers that scripts activated with dpkg-trigger(1). */
  readonly activations: Activation[] = [];

  constructor(editor: RootEditor, reserved: ReservedIds, incoming: readonly IncomingPackage[], architecture: string) {
    this.#editor = editor;
    this.#book = new AccountBook(editor, reserved);
    this.#incoming = incoming;
    this.#architecture = architecture;
  }

  /** Follows one script of a package as dpkg would call it on installation or upgrade. */
  runScript(incoming: IncomingPackage, script: "preinst" | "postinst"): void {
    const text = incoming.unpacked.control.get(script)?.toString("latin1");
    if (text === undefined) return;
    const special = replaced[`${incoming.name} ${script}`];
    if (special !== undefined) {
      special(this.#editor);
      return;
    }
    const { oldVersion = "" } = incoming;
    const args = script === "postinst" ? ["configure", oldVersion] : oldVersion === "" ? ["install"] : ["upgrade", oldVersion];
    const missing = this.#follow(incoming, script, text, args);
    if (missing !== undefined) this.#report(incoming, script, missing);
  }

  /** Follows the postinst of a package as dpkg would call it for triggers; a package of the base has its script there. */
  runTriggers({ name, triggers, by }: Triggered): void {
    const incoming = this.#incoming.find((one) => one.name === name);
    const file = [name, `${name}:${this.#architecture}`].map((info) => this.#editor.text(`${infoFolder}/${info}.postinst`));
    const text = incoming?.unpacked.control.get("postinst")?.toString("latin1") ?? file.find((found) => found !== undefined);
    const control = incoming?.unpacked.control ?? new Map<string, Buffer>();
    const who = { name, architecture: incoming?.architecture ?? this.#architecture, unpacked: { control } };
    const missing =
      text === undefined
        ? "what it would do about them is missing"
        : this.#follow(who, "postinst", text, ["triggered", triggers.join(" ")]);
    // Its own notice says so already.
    if (missing === undefined || this.#notices.some((notice) => notice.package === name && notice.message.endsWith(missing))) return;
    const triggering = by.length > 5 ? `${by.slice(0, 5).join(", ")} and ${String(by.length - 5)} more` : by.join(", ");
    this.#notices.push({
      kind: "maintainer-script",
      package: name,
      message: `the postinst of ${name} is not triggered by ${triggering} (a dpkg trigger): ${missing}`,
    });
  }

  /** What of a script is not reproduced, as a sentence. */
  #follow(who: Configured, script: string, text: string, args: readonly string[]): string | undefined {
    const shell = /^#!\s*(\S+)/.exec(text)?.[1];
    if (shell === undefined || !/\/(?:da|ba)?sh$/.test(shell)) return `it is a script for ${shell ?? "an unknown interpreter"}`;
    const unread: string[] = [];
    const variables = {
      DEBIAN_FRONTEND: "noninteractive",
      DPKG_MAINTSCRIPT_ARCH: who.architecture,
      DPKG_MAINTSCRIPT_NAME: script,
      DPKG_MAINTSCRIPT_PACKAGE: who.name,
      DPKG_ROOT: "",
      HOME: "/root",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };
    followScript(this.#editor, this.#host(who, unread), { text, args, variables }, this.#work);
    const others = unread.filter((command) => leftOut(command) === undefined);
    const sentences = [...new Set(unread.flatMap((command) => leftOut(command) || []))];
    if (others.length > 0) sentences.push(`what it does with ${programsOf(others)} is missing`);
    return sentences.length > 0 ? sentences.join("; ") : undefined;
  }

  /** The work of triggers that run once all packages are configured. */
  finish(): void {
    if (!this.#incoming.some(({ name }) => name === "ca-certificates")) return;
    updateCaCertificates(this.#editor);
    // What its hook for Java reports (/etc/ca-certificates/update.d/jks-keystore).
    this.activations.push({ trigger: "update-ca-certificates-java", by: "ca-certificates" });
  }

  notices(): readonly PackageNotice[] {
    return this.#notices;
  }

  /** `dpkg-statoverride` by path. */
  overrides(): ReadonlyMap<RawPath, Pick<FileNode, "mode" | "uid" | "gid">> {
    const lines = (this.#editor.text(`${dpkgFolder}/statoverride`) ?? "").split("\n");
    return new Map(
      lines.flatMap((line) => {
        const [user = "", group = "", mode = "", ...path] = line.split(" ");
        const uid = this.#book.user(user.replace(/^#/, ""))?.uid;
        const gid = this.#book.group(group.replace(/^#/, ""))?.gid;
        if (path.length === 0 || uid === undefined || gid === undefined) return [];
        return [[fromTarName(path.join(" ")), { uid, gid, mode: parseInt(mode, 8) }] as const];
      }),
    );
  }

  #report({ name }: IncomingPackage, script: string, what: string): void {
    this.#notices.push({ kind: "maintainer-script", package: name, message: `the ${script} of ${name} is not run: ${what}` });
  }

  #host(incoming: Configured, unread: string[]): ScriptHost {
    const editor = this.#editor;
    const commands: Readonly<Record<string, CommandModel>> = {
      ...plainCommands(editor),
      ...textCommands(editor),
      ...ucfCommands(editor),
      ...apacheCommands(editor),
      java: javaCommand(editor),
      ...systemdCommands(editor, this.#book),
      find: findCommand(editor, this.#book, (name) => (Object.hasOwn(commands, nameOf(name)) ? commands[nameOf(name)] : undefined)),
      ...fileCommands(editor, this.#book),
      ...ownerCommands(editor, this.#book),
      ...accountCommands(editor, this.#book),
      ...dpkgCommands(editor, this.#book, this.#architecture),
      ...serviceCommands(editor),
      "update-alternatives": updateAlternatives(editor),
      "dpkg-trigger": (args) => {
        const name = args.find((arg) => !arg.startsWith("-"));
        if (name !== undefined) this.activations.push({ trigger: name, by: incoming.name });
        return { status: 0 };
      },
      "add-shell": addShell(editor),
      "update-shells": updateShells(editor),
      shadowconfig: shadowConfig(editor),
      ...readTemplates(incoming.unpacked.control.get("templates")?.toString("utf8") ?? ""),
    };
    return {
      command: (name) => (Object.hasOwn(commands, nameOf(name)) ? commands[nameOf(name)] : undefined),
      isHarmless: ([name = "", ...args]) => isHarmless([nameOf(name), ...args]),
      glob: (pattern) => (pattern.startsWith("/") ? globTree(editor, pattern) : []),
      isThere: (path) => !path.startsWith("/") || editor.ownNode(fromTarName(path)) !== undefined,
      readFile: (path) => (path.startsWith("/") ? editor.text(fromTarName(path)) : undefined),
      script: (name) => readScript(editor, name),
      writeFile: (path, text, append) => {
        const raw = path.startsWith("/") ? fromTarName(path) : undefined;
        if (raw === undefined) return false;
        const old = append ? editor.text(raw) : "";
        if (old === undefined && editor.node(raw) !== undefined) return false;
        editor.write(raw, `${old ?? ""}${text}`);
        return true;
      },
      unread: (command) => unread.push(command),
    };
  }
}

const programFolders = ["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"];

/** A program whose bytes were kept and that is a shell script. Scripts that start services are not followed. */
function readScript(editor: RootEditor, name: string): string | undefined {
  if (name.startsWith("/etc/init.d/") || leftOut(name) !== undefined) return undefined;
  const paths = name.startsWith("/")
    ? [fromTarName(name)]
    : name.includes("/")
      ? []
      : programFolders.map((folder) => joinRaw(folder, name));
  const text = paths.map((path) => editor.text(path)).find((found) => found !== undefined);
  return text !== undefined && /^#!\s*\/\S*\/(?:env )?(?:da|ba)?sh\b/.test(text) ? text : undefined;
}

/** Programs are recognized by their names, in any directory. */
function nameOf(command: string): string {
  return /^\/(?:usr\/)?(?:s?bin|lib\/\S+\/glib-2\.0)\/([^/]+)$/.exec(command)?.[1] ?? command;
}
