import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import { displayPath } from "../../../rootfs/tree/raw-path.js";
import type { ElfFacts } from "../../root/elf-facts.js";
import type { PackageNotice } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { Paragraph } from "../formats/control.js";
import { decideConffile, md5Of, recordedConffiles } from "./conffiles.js";
import type { DatabaseForm, StatusBlock } from "./database.js";
import { divert, type Diversion } from "./diversions.js";
import type { IncomingPackage } from "./incoming-package.js";
import { conffilesOf } from "./keep.js";
import { linksTo, removeDanglingLinks, removeOutdated } from "./outdated-files.js";
import type { FileOwners } from "./owners.js";
import type { Conffile } from "../formats/status-paragraph.js";

export interface PlacedPackage {
  readonly conffiles: readonly Conffile[];
  /** Conffiles of the previous version that this one lacks; they stay. */
  readonly obsolete: readonly RawPath[];
  /** Shared libraries by their resolved place. */
  readonly libraries: ReadonlyMap<RawPath, ElfFacts>;
  readonly notices: readonly PackageNotice[];
}

export interface PlaceContext {
  readonly form: DatabaseForm;
  readonly editor: RootEditor;
  readonly owners: FileOwners;
  readonly diversions: readonly Diversion[];
  readonly installed: ReadonlyMap<string, StatusBlock | Paragraph>;
  /** `dpkg-statoverride`: path to attributes. */
  readonly overrides: ReadonlyMap<RawPath, Pick<FileNode, "mode" | "uid" | "gid">>;
}

/** Places a package's files in the root as `dpkg --unpack` does, and removes what only the older version had. */
export function placePackage(context: PlaceContext, incoming: IncomingPackage): PlacedPackage {
  const { form, editor, owners, diversions, installed, overrides } = context;
  const { name, info, control, unpacked } = incoming;
  const conffiles = new Set(conffilesOf(unpacked.control));
  const recorded = recordedConffiles(installed.get(name));
  const nodes = new Map<RawPath, FileNode>();
  const libraries = new Map<RawPath, ElfFacts>();
  const sums: Conffile[] = [];
  const notices: PackageNotice[] = [];
  // Collected only where it is needed: packages may have a hundred thousand files.
  const linked = new Set(unpacked.entries.flatMap((entry) => ("link" in entry ? [entry.link] : [])));
  const isCompared = incoming.oldInfo !== undefined || recorded.size > 0;
  const places = new Set<RawPath>();
  for (const entry of unpacked.entries) {
    const node = "node" in entry ? entry.node : nodes.get(entry.link);
    if (node === undefined || entry.path === "") continue;
    if (linked.has(entry.path)) nodes.set(entry.path, node);
    const wanted = divert(diversions, name, entry.path);
    const place = editor.tree.resolve(wanted);
    if (isCompared) places.add(place);
    if (node.type !== "directory") owners.take(info, editor.tree.resolve(entry.path), control, installed);
    // dpkg never replaces a directory with a link.
    if (node.type === "symlink" && editor.tree.get(place)?.type === "directory") continue;
    const override = overrides.get(entry.path);
    const md5 = conffiles.has(entry.path) ? md5Of(node) : undefined;
    if (md5 !== undefined) sums.push({ path: `/${entry.path}`, md5 });
    const fate = md5 === undefined ? "place" : decideConffile(editor, wanted, md5, recorded.get(entry.path));
    if (fate === "keep") continue;
    if (fate === "beside") notices.push(noticeKept(name, wanted));
    editor.draft.place({
      path: fate === "beside" ? `${wanted}.dpkg-dist` : wanted,
      node: override === undefined ? node : { ...node, ...override },
      edited: owners.has(place),
    });
    const facts = unpacked.libraries.get("link" in entry ? entry.link : entry.path);
    if (facts !== undefined) libraries.set(place, facts);
  }
  const before = incoming.oldInfo === undefined ? [] : owners.release(incoming.oldInfo).map((path) => divert(diversions, name, path));
  for (const { path } of unpacked.entries) owners.add(info, `/${path}`);
  const obsolete = [...recorded.keys()].filter((path) => !conffiles.has(path) && !places.has(path) && editor.ownNode(path) !== undefined);
  for (const path of obsolete) sums.push({ path: `/${path}`, md5: recorded.get(path) ?? "", flag: "obsolete" });
  // `status.d` lists only files.
  const gone = before.filter((path) => !places.has(path));
  const links = form === "status.d" ? linksTo(editor, gone) : [];
  removeOutdated(context, before, places, new Set([...recorded.keys()].map((path) => editor.tree.resolve(path))));
  removeDanglingLinks(context, links);
  return { conffiles: sums, obsolete, libraries, notices };
}

function noticeKept(name: string, path: RawPath): PackageNotice {
  return {
    kind: "conffile-kept",
    package: name,
    message: `${displayPath(path)} was changed in the base and is kept; the version of ${name} is beside it, with the suffix .dpkg-dist`,
  };
}
