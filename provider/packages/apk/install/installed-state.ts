import type { RawPath } from "../../../rootfs/tree/node.js";
import { joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { ApkDependency } from "../formats/apk-package.js";
import { meets, parseDependencies } from "../formats/dependency.js";
import { formatInstalled, headField, type InstalledFile, type InstalledPackage } from "./installed-database.js";

/** Attributes of a directory, combined from all packages that have it. */
export interface DirectoryAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

interface OwnedDirectory {
  attributes: string | undefined;
  readonly files: Map<string, InstalledFile>;
}

/** A package that is installed, with its directories and files in the order of its archive. */
export class OwnedPackage {
  readonly name: string;
  readonly version: string;
  readonly checksum: string;
  readonly head: string;
  readonly directories = new Map<RawPath, OwnedDirectory>();
  readonly replaces: readonly ApkDependency[];
  readonly replacesPriority: number;
  #text: string | undefined;

  constructor({ name, version, checksum, head, directories, text }: InstalledPackage) {
    this.name = name;
    this.version = version;
    this.checksum = checksum;
    this.head = head;
    this.#text = text;
    this.replaces = parseDependencies(headField(head, "r") ?? "", `${name}, field r`);
    this.replacesPriority = Number(headField(head, "q") ?? 0);
    for (const { path, attributes, files } of directories)
      this.directories.set(path, { attributes, files: new Map(files.map((file) => [file.name, file])) });
  }

  /** The directory as this package has it; added if it is missing. */
  directory(path: RawPath): OwnedDirectory {
    const found = this.directories.get(path) ?? { attributes: undefined, files: new Map<string, InstalledFile>() };
    this.directories.set(path, found);
    return found;
  }

  /** Removes a file that another package owns now. */
  lose(directory: RawPath, name: string): void {
    this.directories.get(directory)?.files.delete(name);
    this.#text = undefined;
  }

  /** Which package gets a file that two packages have (apk-tools 2.14, `apk_pkg_replaces_file`): "conflict" without `replaces`. */
  isReplacedBy(other: OwnedPackage): "yes" | "no" | "conflict" {
    if (this.name === other.name) return "yes";
    const priority = (one: OwnedPackage, two: OwnedPackage): number =>
      one.replaces.some((entry) => entry.name === two.name && meets(entry, two.version, two.checksum)) ? one.replacesPriority : -1;
    const [own, others] = [priority(this, other), priority(other, this)];
    if (own > others) return "no";
    return others >= 0 ? "yes" : "conflict";
  }

  get plain(): InstalledPackage {
    const directories = [...this.directories].map(([path, { attributes, files }]) => ({ path, attributes, files: [...files.values()] }));
    return { name: this.name, version: this.version, checksum: this.checksum, head: this.head, directories, text: this.#text };
  }
}

/** Which packages are installed, and which of them has which file. */
export class InstalledState {
  /** In apk's order: packages of the base, then added ones. */
  readonly packages: OwnedPackage[] = [];
  readonly #owners = new Map<RawPath, OwnedPackage>();

  constructor(packages: readonly InstalledPackage[]) {
    for (const one of packages) this.add(new OwnedPackage(one));
  }

  find(name: string): OwnedPackage | undefined {
    return this.packages.findLast((one) => one.name === name);
  }

  add(one: OwnedPackage): void {
    this.packages.push(one);
    for (const [path, { files }] of one.directories) for (const name of files.keys()) this.#owners.set(joinRaw(path, name), one);
  }

  /** Removes a package; files that it still has become unowned. */
  remove(one: OwnedPackage): void {
    this.packages.splice(this.packages.indexOf(one), 1);
    for (const [directory, { files }] of one.directories) {
      for (const name of files.keys()) {
        const path = joinRaw(directory, name);
        if (this.#owners.get(path) === one) this.#owners.delete(path);
      }
    }
  }

  ownerOf(path: RawPath): OwnedPackage | undefined {
    return this.#owners.get(path);
  }

  /** A file by its directory and name. */
  file(directory: RawPath, name: string): InstalledFile | undefined {
    return this.ownerOf(joinRaw(directory, name))?.directories.get(directory)?.files.get(name);
  }

  /** Gives a file to a package; the previous owner loses it. */
  claim(one: OwnedPackage, directory: RawPath, file: InstalledFile): void {
    const path = joinRaw(directory, file.name);
    const before = this.#owners.get(path);
    if (before !== undefined && before !== one) before.lose(directory, file.name);
    one.directory(directory).files.set(file.name, file);
    this.#owners.set(path, one);
  }

  /** Attributes that apk gives a directory: the lowest owner, and the mode bits that all of its packages set. Undefined without a package. */
  attributesOf(path: RawPath): DirectoryAttributes | undefined {
    const all = this.packages.flatMap(({ directories }) => {
      const found = directories.get(path);
      return found === undefined ? [] : [parseAttributes(found.attributes)];
    });
    return all.length === 0 ? undefined : all.reduce(combine);
  }

  /** Whether a package has the directory, or anything below it. */
  isInUse(path: RawPath): boolean {
    return this.packages.some(({ directories }) => [...directories.keys()].some((other) => other === path || other.startsWith(`${path}/`)));
  }

  /** In apk's order: by name, ignoring case. */
  format(): string {
    return formatInstalled([...this.packages].sort((a, b) => compareNames(a.name, b.name)).map(({ plain }) => plain));
  }
}

/** apk's order of names: `strcasecmp`, then bytes. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left !== right) return left < right ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function parseAttributes(text = "0:0:755"): DirectoryAttributes {
  const [uid = "0", gid = "0", mode = "755"] = text.split(":");
  return { uid: Number(uid), gid: Number(gid), mode: parseInt(mode, 8) };
}

function combine(a: DirectoryAttributes, b: DirectoryAttributes): DirectoryAttributes {
  if (a.uid === b.uid && a.gid === b.gid) return { ...a, mode: a.mode & b.mode };
  return b.uid < a.uid || (b.uid === a.uid && b.gid < a.gid) ? b : a;
}
