import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildApk, buildApkIndex, makeApkKey, segment, type BuiltApk } from "../archives/apk.js";
import { archive, headerBlock, paxHeader, withData, type Block } from "../tar/archive.js";
import { openFolder, type ApkFolder } from "./repository.js";

export interface OwnEntry {
  readonly mode?: number;
  readonly uid?: number;
  /** Names of the owner; default root. */
  readonly owner?: readonly [user: string, group: string];
  /** By name, bytes as latin1. */
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly content?: string | Buffer;
  readonly target?: string;
  /** A hard link. */
  readonly link?: string;
}

export interface OwnPackage {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** In order; a name that ends in a slash is a directory. */
  readonly entries?: Readonly<Record<string, OwnEntry>>;
  /** By kind: `post-install`. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** More lines of `.PKGINFO`: `replaces = x`. */
  readonly info?: string;
  /** Fields of the package index: `D`, `p`. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A package as abuild makes it, with the checksums of its files in pax records. */
function buildOwn({
  name,
  version = "1-r0",
  architecture = "x86_64",
  entries = {},
  scripts = {},
  info = "",
  fields = {},
}: OwnPackage): BuiltApk {
  const data = gzipSync(archive(...Object.entries(entries).flatMap(([path, entry]) => blocksOf(path, entry))));
  const size = 4096;
  const text =
    `pkgname = ${name}\npkgver = ${version}\nbuilddate = 1700000000\nsize = ${String(size)}\narch = ${architecture}\n${info}` +
    `datahash = ${createHash("sha256").update(data).digest("hex")}\n`;
  const files = Object.entries(scripts).map(([kind, script]) => withData({ name: `.${kind}`, mode: 0o755 }, script));
  const control = segment(withData({ name: ".PKGINFO" }, text), ...files);
  const built = buildApk({ name, version, architecture, fields: { t: "1700000000", ...fields } }, { control, data });
  const lines = new Map(
    [...built.stanza.split("\n"), `I:${String(size)}`].flatMap((line) => (line === "" ? [] : [[line.charAt(0), line]])),
  );
  return { ...built, stanza: [...lines.values()].map((line) => `${line}\n`).join("") };
}

function blocksOf(
  path: string,
  { mode, uid, owner = ["root", "root"], xattrs = {}, content = "", target, link }: OwnEntry,
): readonly Buffer[] {
  const type = path.endsWith("/") ? "5" : target !== undefined ? "2" : link !== undefined ? "1" : "0";
  const block: Block = {
    name: path,
    type,
    mode: mode ?? (type === "5" ? 0o755 : type === "2" ? 0o777 : 0o644),
    mtime: 1_700_000_000,
    ...(uid === undefined ? {} : { uid }),
    ...(type === "2" || type === "1" ? { link: target ?? link ?? "" } : {}),
    patches: [
      [265, owner[0]],
      [297, owner[1]],
    ],
  };
  const sum = createHash("sha1")
    .update(type === "2" ? (target ?? "") : content)
    .digest("hex");
  const records = [
    ...(type === "0" || type === "2" ? [["APK-TOOLS.checksum.SHA1", sum] as const] : []),
    ...Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value] as const),
  ];
  const head = records.length === 0 ? [] : [paxHeader(records)];
  return type === "0" ? [...head, withData(block, content)] : [...head, headerBlock(block)];
}

/** A repository of them, signed by a key of its own. `key`: where its public half is. */
export function publishOwn(root: string, packages: readonly OwnPackage[]): ApkFolder & { readonly key: string } {
  const key = makeApkKey("own.rsa.pub");
  const folder = join(root, "x86_64");
  mkdirSync(folder, { recursive: true });
  const built = packages.map((spec) => ({ spec, made: buildOwn(spec) }));
  for (const { spec, made } of built) writeFileSync(join(folder, `${spec.name}-${spec.version ?? "1-r0"}.apk`), made.file);
  writeFileSync(
    join(folder, "APKINDEX.tar.gz"),
    buildApkIndex(
      built.map(({ made }) => made.stanza),
      { key },
    ),
  );
  writeFileSync(join(root, key.name), key.publicKey);
  return { ...openFolder(folder), key: join(root, key.name) };
}
