import { DhiError } from "../../../errors.js";
import { fromTarName, joinRaw } from "../../../rootfs/raw-path.js";
import type { FileNode, RawPath } from "../../../rootfs/node.js";
import type { PackageNotice, ReservedIds } from "../../packages.js";
import type { RootEditor } from "../../root-editor.js";
import { dpkgFolder } from "../database.js";
import type { IncomingPackage } from "../place-package.js";
import type { Activation } from "../triggers.js";
import { AccountBook } from "./account-book.js";
import { accountCommands } from "./account-commands.js";
import { updateAlternatives } from "./alternatives.js";
import { updateCaCertificates, writeCaConfiguration } from "./ca-certificates.js";
import { dpkgCommands } from "./dpkg-commands.js";
import { fileCommands } from "./file-commands.js";
import { ownerCommands } from "./owner-commands.js";
import { isHarmless, plainCommands, temporaryFile } from "./plain-commands.js";
import type { CommandModel, ScriptHost } from "./script-host.js";
import { serviceCommands } from "./service-commands.js";
import { matchesPattern } from "./shell-patterns.js";
import { shadowConfig } from "./shadow-commands.js";
import { updateShells } from "./shells.js";
import { writeTimezone } from "./timezone.js";
import { ShellReader } from "./shell-reader.js";
import { programsOf, readTemplates } from "./templates.js";

/** Scripts that ask debconf at length, and are written down as functions here. */
const replaced: Readonly<Record<string, (editor: RootEditor) => void>> = {
  "ca-certificates postinst": writeCaConfiguration,
  "tzdata postinst": writeTimezone,
};

const byteCode = /^(?:\$hook\b|py3?compile|\S*\/python3[.0-9]* |\S*\/python3[.0-9]*$|\S*\.rtupdate|\S*\.rtinstall)/;

/** The root while packages are configured in it: maintainer scripts are followed against it, one after the other. */
export class EffectWorld {
  readonly #editor: RootEditor;
  readonly #book: AccountBook;
  readonly #architecture: string;
  readonly #incoming: readonly IncomingPackage[];
  readonly #notices: PackageNotice[] = [];
  /** What scripts have told dpkg-trigger(1). */
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
    const shell = /^#!\s*(\S+)/.exec(text)?.[1];
    if (shell === undefined || !/\/(?:da|ba)?sh$/.test(shell)) {
      this.#tell(incoming, script, `it is a script for ${shell ?? "an unknown interpreter"}`);
      return;
    }
    const unread: string[] = [];
    const { name, architecture, oldVersion = "" } = incoming;
    const first = script === "postinst" ? ["configure", oldVersion] : oldVersion === "" ? ["install"] : ["upgrade", oldVersion];
    const reader = new ShellReader(this.#host(incoming, unread), first, {
      DEBIAN_FRONTEND: "noninteractive",
      DPKG_MAINTSCRIPT_ARCH: architecture,
      DPKG_MAINTSCRIPT_NAME: script,
      DPKG_MAINTSCRIPT_PACKAGE: name,
      DPKG_ROOT: "",
      HOME: "/root",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    });
    try {
      reader.read(text);
    } catch (thrown) {
      if (!(thrown instanceof DhiError)) throw thrown;
      unread.push(`what follows (${thrown.message})`);
    }
    if (this.#editor.ownNode(temporaryFile) !== undefined) this.#editor.remove(temporaryFile);
    if (unread.length === 0) return;
    if (unread.every((command) => byteCode.test(command)))
      this.#tell(incoming, script, "Python's byte code is not made; Python works without");
    else this.#tell(incoming, script, `what it does with ${programsOf(unread)} is missing`);
  }

  /** What triggers would do when all is configured. */
  finish(): void {
    if (this.#incoming.some(({ name }) => name === "ca-certificates")) updateCaCertificates(this.#editor);
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

  #tell({ name }: IncomingPackage, script: string, what: string): void {
    this.#notices.push({ kind: "maintainer-script", package: name, message: `the ${script} of ${name} is not run: ${what}` });
  }

  #host(incoming: IncomingPackage, unread: string[]): ScriptHost {
    const editor = this.#editor;
    const commands: Readonly<Record<string, CommandModel>> = {
      ...plainCommands(editor),
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
      "update-shells": updateShells(editor),
      shadowconfig: shadowConfig(editor),
      ...readTemplates(incoming.unpacked.control.get("templates")?.toString("utf8") ?? ""),
    };
    return {
      command: (name) => (Object.hasOwn(commands, nameOf(name)) ? commands[nameOf(name)] : undefined),
      isHarmless: ([name = "", ...args]) => isHarmless([nameOf(name), ...args]),
      glob: (pattern) => globTree(editor, pattern),
      isThere: (path) => !path.startsWith("/") || editor.ownNode(fromTarName(path)) !== undefined,
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

/** Programs are known by their names wherever they lie. */
function nameOf(command: string): string {
  return /^\/(?:usr\/)?s?bin\/([^/]+)$/.exec(command)?.[1] ?? command;
}

function globTree(editor: RootEditor, pattern: string): readonly string[] {
  if (!pattern.startsWith("/")) return [];
  let found = [""];
  for (const part of pattern.split("/").filter((piece) => piece !== "")) {
    found = found.flatMap((folder) => {
      const real = editor.tree.follow(folder);
      if (real === undefined) return [];
      const names = editor.tree.list(real).filter((name) => matchesPattern(name, part) && (!name.startsWith(".") || part.startsWith(".")));
      return names.map((name) => joinRaw(folder, name));
    });
  }
  return found.map((path) => `/${path}`);
}
