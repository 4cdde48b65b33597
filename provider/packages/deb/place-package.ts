import { createHash } from "node:crypto";
import type { FileNode, RawPath } from "../../rootfs/node.js";
import { displayPath } from "../../rootfs/raw-path.js";
import type { ElfFacts } from "../elf-facts.js";
import type { PackageNotice, UnpackedPackage } from "../packages.js";
import type { RootEditor } from "../root-editor.js";
import { fieldOf, parseParagraph, type Paragraph } from "./control.js";
import type { StatusBlock } from "./database.js";
import { divert, type Diversion } from "./diversions.js";
import { infoName } from "./info-files.js";
import { conffilesOf } from "./keep.js";
import type { FileOwners } from "./owners.js";
import type { Conffile } from "./status-paragraph.js";

/** A package on its way into a root. */
export interface IncomingPackage {
  readonly unpacked: UnpackedPackage;
  readonly control: Paragraph;
  readonly name: string;
  /** Of the package: `amd64`, `all`. */
  readonly architecture: string;
  readonly version: string;
  /** How its files in dpkg's `info` are named. */
  readonly info: string;
  /** The version that the base has, when it is replaced. */
  readonly oldVersion: string | undefined;
}

export function readIncoming(unpacked: UnpackedPackage, installed: ReadonlyMap<string, StatusBlock>): IncomingPackage {
  const control = parseParagraph(unpacked.control.get("control")?.toString("latin1") ?? "", `the control file of ${unpacked.package.name}`);
  const name = fieldOf(control, "Package") ?? unpacked.package.name;
  const architecture = fieldOf(control, "Architecture") ?? unpacked.package.architecture;
  const old = installed.get(name);
  return {
    unpacked,
    control,
    name,
    architecture,
    version: fieldOf(control, "Version") ?? unpacked.package.version,
    info: infoName(name, architecture, fieldOf(control, "Multi-Arch")),
    oldVersion: old === undefined ? undefined : /^Version:[ \t]*(\S+)/im.exec(old.text)?.[1],
  };
}

export interface PlacedPackage {
  readonly conffiles: readonly Conffile[];
  /** Shared libraries by the place where they are. */
  readonly libraries: ReadonlyMap<RawPath, ElfFacts>;
  readonly notices: readonly PackageNotice[];
}

export interface PlaceContext {
  readonly editor: RootEditor;
  readonly owners: FileOwners;
  readonly diversions: readonly Diversion[];
  readonly installed: ReadonlyMap<string, StatusBlock | Paragraph>;
  /** `dpkg-statoverride`: path to attributes. */
  readonly overrides: ReadonlyMap<RawPath, Pick<FileNode, "mode" | "uid" | "gid">>;
}

/** Puts a package's files into the root as dpkg's unpacking does, and takes away what an older version had and this one has not. */
export function placePackage(context: PlaceContext, incoming: IncomingPackage): PlacedPackage {
  const { editor, owners, diversions, installed, overrides } = context;
  const { name, info, control, unpacked } = incoming;
  const before = incoming.oldVersion === undefined ? [] : owners.placesOf(info);
  const conffiles = new Set(conffilesOf(unpacked.control));
  const oldSums = recordedConffiles(installed.get(name));
  const nodes = new Map<RawPath, FileNode>();
  const libraries = new Map<RawPath, ElfFacts>();
  const sums: Conffile[] = [];
  const notices: PackageNotice[] = [];
  const places = new Set<RawPath>();
  for (const entry of unpacked.entries) {
    const node = "node" in entry ? entry.node : nodes.get(entry.link);
    if (node === undefined || entry.path === "") continue;
    nodes.set(entry.path, node);
    const wanted = divert(diversions, name, entry.path);
    if (node.type !== "directory") owners.take(info, editor.tree.resolve(entry.path), control, installed);
    const override = overrides.get(entry.path);
    const isConffile = conffiles.has(entry.path);
    const md5 = isConffile ? md5Of(node) : undefined;
    if (md5 !== undefined) sums.push({ path: `/${entry.path}`, md5 });
    if (isConffile && md5 !== undefined && keepsOwn(editor, wanted, md5, oldSums.get(`/${entry.path}`), notices, name)) {
      places.add(editor.tree.resolve(wanted));
      continue;
    }
    editor.draft.place({
      path: wanted,
      node: override === undefined ? node : { ...node, ...override },
      edited: owners.has(editor.tree.resolve(wanted)),
    });
    const place = editor.tree.resolve(wanted);
    places.add(place);
    const facts = unpacked.libraries.get("link" in entry ? entry.link : entry.path);
    if (facts !== undefined) libraries.set(place, facts);
  }
  for (const { path } of unpacked.entries) owners.add(info, `/${path}`);
  for (const path of before) {
    const old = editor.tree.get(path);
    if (places.has(path) || old === undefined || old.type === "directory") continue;
    const recorded = oldSums.get(`/${path}`);
    if (recorded === undefined) editor.remove(path);
    else sums.push({ path: `/${path}`, md5: recorded, flag: "obsolete" });
  }
  return { conffiles: sums, libraries, notices };
}

/**
 * Whether the base's conffile stays, as dpkg decides it without asking: the package's is the one that was installed before, or
 * somebody changed it (then the new one is put beside as `.dpkg-dist`).
 */
function keepsOwn(
  editor: RootEditor,
  path: RawPath,
  md5: string,
  recorded: string | undefined,
  notices: PackageNotice[],
  name: string,
): boolean {
  if (recorded === undefined || editor.node(path) === undefined) return false;
  if (recorded === md5) return true;
  const present = editor.read(path);
  if (present === undefined || createHash("md5").update(present).digest("hex") === recorded) return false;
  notices.push({
    kind: "conffile-kept",
    package: name,
    message: `${displayPath(path)} was changed in the base and is kept as it is; ${name} has another`,
  });
  return true;
}

function md5Of({ content }: FileNode): string | undefined {
  return content?.from === "bytes" ? createHash("md5").update(content.bytes).digest("hex") : undefined;
}

function recordedConffiles(block: StatusBlock | Paragraph | undefined): ReadonlyMap<string, string> {
  const text = block !== undefined && "text" in block ? block.text : "";
  const [, lines = ""] = /^Conffiles:[ \t]*\n((?:[ \t].*\n?)*)/im.exec(text) ?? [];
  return new Map([...lines.matchAll(/^[ \t]+(\S.*?) ([0-9a-f]{32})(?: .*)?$/gm)].map(([, path = "", sum = ""]) => [path, sum]));
}
