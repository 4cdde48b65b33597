import { joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { InstallPackages, PackageNotice, PackageRequest, UnpackedPackage } from "../../packages.js";
import { RootEditor } from "../../root/root-editor.js";
import { ScriptWorld } from "../effects/script-world.js";
import { bootstrapRoot } from "./bootstrap.js";
import { headField, parseInstalled } from "./installed-database.js";
import { databaseFolder, readDatabase, readScriptsArchive, writeScriptsArchive } from "./installed-folder.js";
import { infoValues, installedHead } from "./installed-head.js";
import { InstalledState, OwnedPackage } from "./installed-state.js";
import { PackageDirectories } from "./place-directories.js";
import { placePackage } from "./place-package.js";
import { ProtectedPaths } from "./place-protected.js";
import {
  archiveScript,
  formatScripts,
  parseScripts,
  scriptKinds,
  type ArchivedScript,
  type ScriptKind,
} from "../formats/scripts-archive.js";
import { formatTriggers, parseTriggers, triggeredBy, type ApkTrigger } from "./triggers.js";
import { changeWorld, formatWorld, parseWorld, readRequest } from "../resolve/world.js";

const worldPath = "etc/apk/world";

/** `InstallPackages` for Alpine: what apk 2.14 and the packages' scripts would leave, as far as they can be reproduced. */
export const installApkPackages: InstallPackages = ({ tree, draft, packages, requests, reserved, fromScratch }) => {
  const editor = new RootEditor(tree, draft);
  const folder = databaseFolder(editor, fromScratch);
  if (fromScratch) bootstrapRoot(editor, folder, architectureOf(packages));
  const state = new InstalledState(parseInstalled(readDatabase(editor, joinRaw(folder, "installed"))));
  const directories = new PackageDirectories(editor, state);
  const world = new ScriptWorld(editor, reserved);
  const context = { editor, state, directories, protection: new ProtectedPaths(editor), accounts: world.accounts };
  let scripts = parseScripts(readScriptsArchive(editor, folder));
  let triggers = parseTriggers(readDatabase(editor, joinRaw(folder, "triggers")));
  const notices: PackageNotice[] = [];
  const came = new Set<string>();
  for (const unpacked of packages.map(emptied)) {
    const incoming = readIncoming(unpacked);
    const { name, version, checksum } = incoming;
    const old = state.find(name);
    const own = scriptsOf(unpacked, incoming);
    const step = old === undefined ? "install" : "upgrade";
    const args = old === undefined ? [version] : [version, old.version];
    const run = (kind: ScriptKind): void => {
      const text = own.find((script) => script.kind === kind)?.text.toString("latin1");
      if (text !== undefined) world.run(name, kind, text, args);
    };
    run(`pre-${step}`);
    for (const notice of placePackage(context, incoming, unpacked.entries)) notices.push(notice);
    run(`post-${step}`);
    came.add(checksum);
    scripts = [...scripts.filter((script) => script.checksum !== old?.checksum), ...own];
    triggers = [...triggers.filter((trigger) => trigger.checksum !== old?.checksum), ...triggersOf(unpacked, checksum)];
  }
  directories.finish();
  for (const trigger of triggers) {
    const owner = state.packages.find(({ checksum }) => checksum === trigger.checksum);
    const script = scripts.find(({ checksum, kind }) => checksum === trigger.checksum && kind === "trigger");
    const paths = triggeredBy(trigger, state, came.has(trigger.checksum) ? "all" : directories.modified);
    if (owner !== undefined && script !== undefined && paths.length > 0)
      world.run(owner.name, "trigger", script.text.toString("latin1"), paths);
  }
  const isChanged = writeWorld(editor, requests ?? requestsIn(packages));
  if (packages.length > 0 || isChanged) {
    editor.write(joinRaw(folder, "installed"), state.format());
    writeScriptsArchive(editor, folder, formatScripts(sortScripts(scripts, state)));
    editor.write(joinRaw(folder, "triggers"), formatTriggers(triggers));
  }
  editor.flush();
  return [...notices, ...world.notices];
};

/** apk does not open a package whose index says that it installs nothing (`I:0`). */
function emptied(unpacked: UnpackedPackage): UnpackedPackage {
  return headField(unpacked.package.stanza, "I") === "0" ? { ...unpacked, control: new Map(), entries: [] } : unpacked;
}

function readIncoming({ package: { stanza, tag }, control }: UnpackedPackage): OwnedPackage {
  const head = installedHead(stanza, control.get(".PKGINFO")?.toString("latin1") ?? "", tag);
  const [name = "", version = "", checksum = ""] = ["P", "V", "C"].map((letter) => headField(head, letter));
  return new OwnedPackage({ name, version, checksum, head, directories: [] });
}

function scriptsOf({ control }: UnpackedPackage, { name, version, checksum, head }: OwnedPackage): readonly ArchivedScript[] {
  const built = Number(headField(head, "t") ?? 0);
  return scriptKinds.flatMap((kind) => {
    const text = control.get(`.${kind}`);
    return text === undefined ? [] : [archiveScript({ name, version, checksum, built }, kind, text)];
  });
}

function triggersOf({ control }: UnpackedPackage, checksum: string): readonly ApkTrigger[] {
  const patterns = infoValues(control.get(".PKGINFO")?.toString("latin1") ?? "", "triggers").flatMap((line) => line.split(/\s+/));
  return patterns.length === 0 ? [] : [{ checksum, patterns }];
}

/** In apk's order of packages. */
function sortScripts(scripts: readonly ArchivedScript[], { packages }: InstalledState): readonly ArchivedScript[] {
  return packages.flatMap((one) => scripts.filter(({ checksum }) => checksum === one.checksum));
}

/** Returns whether the file changed. apk installs nothing in a base without it. */
function writeWorld(editor: RootEditor, requests: readonly PackageRequest[]): boolean {
  const text = editor.text(worldPath);
  const changed = text === undefined ? undefined : formatWorld(changeWorld(parseWorld(text), requests.map(readRequest)));
  if (changed !== undefined) editor.write(worldPath, changed);
  return changed !== text;
}

function requestsIn(packages: readonly UnpackedPackage[]): readonly PackageRequest[] {
  return packages.flatMap(({ package: { name, requested } }) => (requested ? [{ name, property: "packages" }] : []));
}

/** The machine's architecture: that of any package that is not `noarch`. */
function architectureOf(packages: readonly UnpackedPackage[]): string {
  const all = packages.map(({ package: { architecture } }) => architecture);
  return all.find((architecture) => architecture !== "noarch") ?? "noarch";
}
