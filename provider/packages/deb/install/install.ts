import type { RawPath } from "../../../rootfs/tree/node.js";
import type { ElfFacts } from "../../root/elf-facts.js";
import { updateLdSoCache } from "../../root/ld-so-scan.js";
import type { InstallPackages, PackageNotice } from "../../packages.js";
import { RootEditor } from "../../root/root-editor.js";
import { bootstrapRoot, essentialNotices } from "./bootstrap.js";
import type { Paragraph } from "../formats/control.js";
import {
  databaseForm,
  dpkgFolder,
  readStatus,
  readStatusFolder,
  statusFolder,
  writeExtendedStates,
  writeStatus,
  type StatusBlock,
} from "./database.js";
import { parseDiversions } from "./diversions.js";
import { EffectWorld } from "../effects/world.js";
import { writeInfoFiles } from "./info-files.js";
import { multiarchTriplet } from "./multiarch.js";
import { FileOwners } from "./owners.js";
import { readIncoming, type IncomingPackage } from "./incoming-package.js";
import { placePackage } from "./place-package.js";
import { statusParagraph } from "../formats/status-paragraph.js";
import { findTriggered, registerTriggers } from "./triggers.js";

/** `InstallPackages` for Debian: what `dpkg` and the packages' scripts would leave, as far as they can be reproduced. */
export const installDebianPackages: InstallPackages = ({ tree, draft, packages, reserved, fromScratch }) => {
  const editor = new RootEditor(tree, draft);
  const form = databaseForm(editor, fromScratch);
  const base = form === "status" ? readStatus(editor) : readStatusFolder(editor);
  const known = new Map<string, StatusBlock | Paragraph>(base.map((block) => [block.name, block]));
  const installed = new Map(base.map((block) => [block.name, block]));
  const incoming = packages.map((unpacked) => readIncoming(unpacked, installed, form));
  const architecture = nativeArchitecture(incoming, base);
  if (fromScratch) bootstrapRoot(editor, incoming, architecture);
  const owners = new FileOwners(editor, form);
  const world = new EffectWorld(editor, reserved, incoming, architecture);
  const notices: PackageNotice[] = [];
  const libraries = new Map<RawPath, ElfFacts>();
  const blocks: StatusBlock[] = [];
  for (const added of incoming) {
    world.runScript(added, "preinst");
    const diversions = parseDiversions(editor.text(`${dpkgFolder}/diversions`) ?? "");
    const placed = placePackage({ form, editor, owners, diversions, installed: known, overrides: world.overrides() }, added);
    for (const notice of placed.notices) notices.push(notice);
    for (const [path, facts] of placed.libraries) libraries.set(path, facts);
    known.set(added.name, added.control);
    const { name, architecture, control, unpacked } = added;
    if (form === "status") {
      writeInfoFiles(editor, added, placed.obsolete);
      blocks.push({
        name,
        architecture,
        text: statusParagraph(control, unpacked.control.get("control")?.toString("latin1") ?? "", placed.conffiles),
      });
    } else writeStatusFolder(editor, added);
  }
  if (form === "status") {
    writeStatus(editor, base, blocks);
    const [automatic, requested] = [false, true].map((wanted) =>
      incoming
        .filter(({ unpacked, oldVersion }) => unpacked.package.requested === wanted && (wanted || oldVersion === undefined))
        .map(({ name }) => name),
    );
    writeExtendedStates(editor, architecture, automatic ?? [], requested ?? []);
    owners.writeLosses(form);
    for (const added of incoming) registerTriggers(editor, added);
  }
  for (const added of incoming) world.runScript(added, "postinst");
  world.finish();
  for (const triggered of form === "status" ? findTriggered(editor, incoming, world.activations) : []) world.runTriggers(triggered);
  updateLdSoCache(editor, libraries, multiarchTriplet(architecture), fromScratch ? generatorOf(incoming) : undefined);
  editor.flush();
  return [...notices, ...world.notices(), ...(fromScratch ? essentialNotices(incoming) : [])];
};

/** As in distroless images: the package's own control file and checksums, without dpkg's fields. */
function writeStatusFolder(editor: RootEditor, { info, unpacked }: IncomingPackage): void {
  const sums = unpacked.control.get("md5sums");
  editor.write(`${statusFolder}/${info}`, unpacked.control.get("control") ?? "");
  if (sums === undefined) editor.remove(`${statusFolder}/${info}.md5sums`);
  else editor.write(`${statusFolder}/${info}.md5sums`, sums);
}

function nativeArchitecture(incoming: readonly IncomingPackage[], base: readonly StatusBlock[]): string {
  const all = [...base.filter(({ name }) => name === "dpkg"), ...incoming, ...base];
  return all.find(({ architecture }) => architecture !== "all")?.architecture ?? "all";
}

/** The generator string of the ldconfig of a fresh root. */
function generatorOf(incoming: readonly IncomingPackage[]): string | undefined {
  const version = incoming.find(({ name }) => name === "libc-bin" || name === "libc6")?.version;
  return version === undefined ? undefined : `ldconfig (Debian GLIBC ${version}) stable release version ${version.replace(/-[^-]*$/, "")}`;
}
