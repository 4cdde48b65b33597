import { DhiError } from "../../../errors.js";
import type { RawPath } from "../../../rootfs/tree/node.js";
import { displayPath, fromTarName } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { dpkgFolder, readDatabaseFile, statusFolder, type DatabaseForm, type StatusBlock } from "./database.js";
import { parseDependencies, satisfies } from "../formats/dependency.js";
import { fieldOf, type Paragraph } from "../formats/control.js";
import { infoFolder } from "./info-files.js";

interface Owner {
  /** The name of its list: `libc6:amd64`. */
  readonly info: string;
  /** The path in the list, where that differs from the place. */
  readonly listed?: string;
}

/** Which installed package owns which file, by the resolved place of the file. */
export class FileOwners {
  readonly #editor: RootEditor;
  readonly #owners = new Map<RawPath, readonly Owner[]>();
  /** By the name of the list: the owner object that most of its places share, whose listed path is the place. */
  readonly #sole = new Map<string, readonly Owner[]>();
  /** Places that are or were in a list. */
  readonly #placesOf = new Map<string, RawPath[]>();
  readonly #lost = new Map<string, Set<string>>();

  constructor(editor: RootEditor, form: DatabaseForm) {
    this.#editor = editor;
    const [folder, suffix] = form === "status" ? [infoFolder, ".list"] : [statusFolder, ".md5sums"];
    const real = editor.tree.follow(folder);
    for (const file of real === undefined ? [] : editor.tree.list(real)) {
      if (!file.endsWith(suffix)) continue;
      const text = readDatabaseFile(editor, `${folder}/${file}`) ?? "";
      for (const line of text.split("\n")) this.add(file.slice(0, -suffix.length), form === "status" ? line : `/${line.slice(34)}`);
    }
  }

  /** `listed`: with its leading slash. */
  add(info: string, listed: string): void {
    const path = this.#place(listed);
    if (path === undefined || path === "") return;
    const owners = this.#owners.get(path) ?? [];
    if (owners.some((owner) => owner.info === info)) return;
    const added = listed === `/${path}` ? this.#soleOwner(info) : [{ info, listed }];
    this.#owners.set(path, owners.length === 0 ? added : [...owners, ...added]);
    const places = this.#placesOf.get(info);
    if (places === undefined) this.#placesOf.set(info, [path]);
    else places.push(path);
  }

  /** Whether an installed package owns it. */
  has(path: RawPath): boolean {
    return this.#owners.has(path);
  }

  /** Removes a package as an owner; returns every place that it had. */
  release(info: string): readonly RawPath[] {
    const places: RawPath[] = [];
    for (const path of new Set(this.#placesOf.get(info))) {
      const owners = this.#owners.get(path) ?? [];
      const others = owners.filter((owner) => owner.info !== info);
      if (others.length === owners.length) continue;
      places.push(path);
      if (others.length > 0) this.#owners.set(path, others);
      else this.#owners.delete(path);
    }
    this.#placesOf.delete(info);
    return places;
  }

  /**
   * Called before a package's file is placed. Throws `DhiError` "conflict" when another package owns it and the new one does not declare Replaces
   * (Debian Policy 7.6.1); a replaced package loses the file.
   */
  take(info: string, path: RawPath, control: Paragraph, installed: ReadonlyMap<string, StatusBlock | Paragraph>): void {
    for (const owner of this.#owners.get(path) ?? []) {
      const [other = ""] = owner.info.split(":");
      const [own = ""] = info.split(":");
      if (owner.info === info || other === own) continue;
      if (!replaces(control, other, installed.get(other))) {
        throw new DhiError(
          "conflict",
          `${own} and ${other} both have the file ${displayPath(path)}, and ${own} does not declare Replaces: ${other}`,
          {
            origin: "packages",
            hint: `Remove ${own} from packages, or use a base without ${other}`,
          },
        );
      }
      const lost = this.#lost.get(owner.info) ?? new Set();
      this.#lost.set(owner.info, lost.add(owner.listed ?? `/${path}`));
      this.#owners.set(
        path,
        (this.#owners.get(path) ?? []).filter((kept) => kept !== owner),
      );
    }
  }

  /** Removes lost files from the lists of the packages that lost them. */
  writeLosses(form: DatabaseForm): void {
    if (form !== "status") return;
    for (const [info, lost] of this.#lost) {
      const file = `${dpkgFolder}/info/${info}.list`;
      const lines = (this.#editor.text(file) ?? "").split("\n");
      this.#editor.write(file, lines.filter((line) => !lost.has(line)).join("\n"));
    }
  }

  #soleOwner(info: string): readonly Owner[] {
    const known = this.#sole.get(info) ?? [{ info }];
    this.#sole.set(info, known);
    return known;
  }

  #place(listed: string): RawPath | undefined {
    try {
      const path = fromTarName(listed);
      return path === "" ? "" : this.#editor.tree.resolve(path);
    } catch (thrown) {
      if (thrown instanceof DhiError) return undefined;
      throw thrown;
    }
  }
}

function replaces(control: Paragraph, other: string, installed: StatusBlock | Paragraph | undefined): boolean {
  const groups = parseDependencies(fieldOf(control, "Replaces") ?? "", "Replaces", fieldOf(control, "Architecture") ?? "all");
  const version = installed === undefined ? undefined : versionOf(installed);
  return groups.some((group) => group.some(({ name, constraint }) => name === other && satisfies(version, constraint)));
}

function versionOf(installed: StatusBlock | Paragraph): string | undefined {
  if ("text" in installed) return /^Version:[ \t]*(\S+)/im.exec(installed.text)?.[1];
  return fieldOf(installed, "Version");
}
