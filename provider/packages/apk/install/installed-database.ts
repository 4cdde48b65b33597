import { DhiError } from "../../../errors.js";
import type { RawPath } from "../../../rootfs/tree/node.js";
import { trimOf } from "../../../text/trim.js";

/** A file of an installed package. */
export interface InstalledFile {
  /** Within its directory. */
  readonly name: string;
  /** a: `uid:gid:mode`, and the checksum of its xattrs if it has any; undefined is `0:0:644`. */
  readonly attributes: string | undefined;
  /** Z: `Q1` and base64 of the SHA-1 of its content, or of a link's target. */
  readonly checksum: string | undefined;
}

export interface InstalledDirectory {
  /** F */
  readonly path: RawPath;
  /** M: as of a file; undefined is `0:0:755`. */
  readonly attributes: string | undefined;
  readonly files: readonly InstalledFile[];
}

/** A stanza of the installed database (apk-installed-db(5) of apk-tools 3, as 2.14 writes it). Bytes as latin1. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** C */
  readonly checksum: string;
  /** The lines before the first directory, each with its newline. */
  readonly head: string;
  readonly directories: readonly InstalledDirectory[];
  /** The stanza's text in the file, as long as it is unchanged. */
  readonly text?: string | undefined;
}

/** In the order of the file. Throws `DhiError` "invalid" for what apk would reject too. */
export function parseInstalled(text: string): readonly InstalledPackage[] {
  return text.split("\n\n").flatMap((stanza) => (/^\n*$/.test(stanza) ? [] : [parsePackage(trimOf(stanza, "\n"))]));
}

/** `formatInstalled(parseInstalled(text))` is `text` for what apk wrote. */
export function formatInstalled(packages: readonly InstalledPackage[]): string {
  return packages.map(formatPackage).join("");
}

/** The value of a letter in a stanza's head. */
export function headField(head: string, letter: string): string | undefined {
  return new RegExp(`^${letter}:(.*)$`, "m").exec(head)?.[1];
}

function parsePackage(stanza: string): InstalledPackage {
  const lines = stanza.split("\n");
  const end = lines.findIndex((line) => line.startsWith("F:"));
  const head = (end < 0 ? lines : lines.slice(0, end)).map((line) => `${line}\n`).join("");
  const directories: { path: RawPath; attributes: string | undefined; files: InstalledFile[] }[] = [];
  for (const line of end < 0 ? [] : lines.slice(end)) {
    const [letter, value] = [line.slice(0, 2), line.slice(2)];
    const files = directories.at(-1)?.files ?? [];
    const file = files.pop();
    if (letter === "F:") {
      if (file !== undefined) files.push(file);
      directories.push({ path: value, attributes: undefined, files: [] });
    } else if (letter === "R:") {
      files.push(...(file === undefined ? [] : [file]), { name: value, attributes: undefined, checksum: undefined });
    } else if (letter === "M:" && file === undefined) {
      const directory = directories.pop();
      if (directory !== undefined) directories.push({ ...directory, attributes: value });
    } else if (letter === "a:" && file !== undefined) files.push({ ...file, attributes: value });
    else if (letter === "Z:" && file !== undefined) files.push({ ...file, checksum: value });
    else throw damaged(`${JSON.stringify(line.slice(0, 60))} is in the wrong place`);
  }
  const [name, version, checksum] = ["P", "V", "C"].map((letter) => headField(head, letter));
  if (name === undefined || version === undefined || checksum === undefined)
    throw damaged(`${name ?? "a package"} lacks its name, version or checksum`);
  return { name, version, checksum, head, directories, text: `${stanza}\n\n` };
}

function formatPackage({ head, directories, text }: InstalledPackage): string {
  if (text !== undefined) return text;
  const lines = directories.flatMap(({ path, attributes, files }) => [
    `F:${path}\n`,
    ...(attributes === undefined ? [] : [`M:${attributes}\n`]),
    ...files.flatMap((file) => [
      `R:${file.name}\n`,
      ...(file.attributes === undefined ? [] : [`a:${file.attributes}\n`]),
      ...(file.checksum === undefined ? [] : [`Z:${file.checksum}\n`]),
    ]),
  ]);
  return `${head}${lines.join("")}\n`;
}

function damaged(what: string): DhiError {
  return new DhiError("invalid", `the database of apk's installed packages cannot be read: ${what}`, {
    origin: "base",
    hint: "Use a base on which apk works",
  });
}
