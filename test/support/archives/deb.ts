import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Block } from "../tar/archive.js";
import { archive, headerBlock, withData } from "../tar/archive.js";
import { arArchive } from "./ar.js";
import { storedXz } from "./xz.js";

export type DebPacking = "" | ".gz" | ".xz" | ".zst";

/** An entry of a package's data archive; `name` without `./`. Directories above it are made (0755, root) unless they are listed. */
export type DebFile = Block & { readonly data?: string | Buffer };

export interface DebSpec {
  readonly name: string;
  /** `1.0-1` when absent. */
  readonly version?: string;
  /** `amd64` when absent. */
  readonly architecture?: string;
  /** More fields of control: Depends, Provides, Essential and so on. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: readonly DebFile[];
  /** More members of the control archive: postinst, conffiles, triggers. md5sums is made. */
  readonly members?: Readonly<Record<string, string>>;
  /** `.xz` when absent. */
  readonly packing?: DebPacking;
  /** Bytes of the file in place of the package that the others describe. */
  readonly raw?: Buffer;
}

export function debVersion(spec: DebSpec): string {
  return spec.version ?? "1.0-1";
}

/** The control fields of a package, in order. */
export function debFields(spec: DebSpec): readonly (readonly [string, string])[] {
  return [
    ["Package", spec.name],
    ["Version", debVersion(spec)],
    ["Architecture", spec.architecture ?? "amd64"],
    ["Maintainer", "Tests <tests@example.org>"],
    ...Object.entries(spec.fields ?? {}),
    ...(spec.fields?.["Description"] === undefined ? [["Description", `package ${spec.name}`] as const] : []),
  ];
}

export function controlText(fields: readonly (readonly [string, string])[]): string {
  return fields.map(([name, value]) => `${name}: ${value}\n`).join("");
}

/** A package as dpkg-deb would build it; the same spec gives the same bytes. */
export function buildDeb(spec: DebSpec): Buffer {
  const packing = spec.packing ?? ".xz";
  return arArchive([
    ["debian-binary", Buffer.from("2.0\n")],
    [`control.tar${packing}`, pack(controlTar(spec), packing)],
    [`data.tar${packing}`, pack(dataTar(spec.files ?? []), packing)],
  ]);
}

export function pack(bytes: Buffer, packing: DebPacking): Buffer {
  switch (packing) {
    case "":
      return bytes;
    case ".gz":
      return gzipSync(bytes);
    case ".xz":
      return storedXz(bytes);
    case ".zst":
      return zstdCompressSync(bytes);
  }
}

export function controlTar(spec: DebSpec): Buffer {
  const members: Record<string, string> = { control: controlText(debFields(spec)), md5sums: md5sums(spec.files ?? []), ...spec.members };
  const scripts = ["preinst", "postinst", "prerm", "postrm", "config"];
  return archive(
    headerBlock({ name: "./", type: "5", mode: 0o755, magic: "gnu" }),
    ...Object.entries(members).map(([name, text]) =>
      withData({ name: `./${name}`, mode: scripts.includes(name) ? 0o755 : 0o644, magic: "gnu" }, text),
    ),
  );
}

export function dataTar(files: readonly DebFile[]): Buffer {
  const made = new Set(files.filter(({ type }) => type === "5").map(({ name }) => `${name.replace(/\/$/, "")}/`));
  const blocks = [headerBlock({ name: "./", type: "5", mode: 0o755, magic: "gnu" })];
  for (const { data, ...file } of files) {
    const parts = file.name.split("/").slice(0, -1);
    for (const at of parts.keys()) {
      const directory = `${parts.slice(0, at + 1).join("/")}/`;
      if (made.has(directory) || directory === "/" || directory.includes("..")) continue;
      made.add(directory);
      blocks.push(headerBlock({ name: `./${directory}`, type: "5", mode: 0o755, magic: "gnu" }));
    }
    const name = file.name.startsWith("/") ? file.name : `./${file.name}`;
    blocks.push(data === undefined ? headerBlock({ magic: "gnu", ...file, name }) : withData({ magic: "gnu", ...file, name }, data));
  }
  return archive(...blocks);
}

function md5sums(files: readonly DebFile[]): string {
  const lines = files.flatMap(({ name, data, type }) => {
    if (data === undefined || (type ?? "0") !== "0") return [];
    const sum = createHash("md5")
      .update(Buffer.from(data as string, "latin1"))
      .digest("hex");
    return [`${sum}  ${name}\n`];
  });
  return lines.join("");
}
