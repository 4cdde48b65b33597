import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Block } from "../tar/archive.js";
import { archive, headerBlock, withData } from "../tar/archive.js";
import type { ArchiveFiles } from "./archive.js";

export interface ApkKey {
  /** As in a signature's name: `tests.rsa.pub`. */
  readonly name: string;
  /** PEM. */
  readonly publicKey: string;
  readonly privateKey: string;
}

/** `RSA` is SHA-1. */
export type ApkSignature = "RSA" | "RSA256" | "RSA512";

export type ApkEntry = Block & { readonly data?: string | Buffer };

export interface ApkSpec {
  readonly name: string;
  /** `1.0-r0` when absent. */
  readonly version?: string;
  /** `x86_64` when absent. */
  readonly architecture?: string;
  /** More fields of the index and of .PKGINFO: `D`, `p`, `i`, `k`, `r`. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: readonly ApkEntry[];
  /** More files of the control segment, by name: `.post-install`. */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly key?: ApkKey;
}

export function makeApkKey(name = "tests.rsa.pub"): ApkKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { name, publicKey, privateKey };
}

/** A segment of files, without the end of a tar, as abuild cuts it. */
export function segment(...parts: readonly Buffer[]): Buffer {
  return gzipSync(Buffer.concat(parts));
}

export function signature(bytes: Buffer, key: ApkKey, kind: ApkSignature = "RSA"): Buffer {
  const digest = { RSA: "sha1", RSA256: "sha256", RSA512: "sha512" }[kind];
  return segment(withData({ name: `.SIGN.${kind}.${key.name}` }, sign(digest, bytes, createPrivateKey(key.privateKey))));
}

export interface BuiltApk {
  readonly file: Buffer;
  readonly control: Buffer;
  readonly data: Buffer;
  readonly checksum: string;
  /** Its stanza of an index. */
  readonly stanza: string;
}

const info: Readonly<Record<string, string>> = { D: "depend", p: "provides", i: "install_if", k: "provider_priority", r: "replaces" };

/** A package of version 2 as abuild makes it. `control` and `data` replace what would be made, to make a bad one. */
export function buildApk(spec: ApkSpec, replaced: { readonly control?: Buffer; readonly data?: Buffer } = {}): BuiltApk {
  const { name, version = "1.0-r0", architecture = "x86_64", fields = {} } = spec;
  const data = replaced.data ?? gzipSync(archive(...(spec.files ?? []).map(entry)));
  const lists = Object.entries(fields).flatMap(([letter, value]) =>
    letter in info ? value.split(" ").map((item) => `${info[letter] ?? ""} = ${item}\n`) : [],
  );
  const text = `pkgname = ${name}\npkgver = ${version}\narch = ${architecture}\n${lists.join("")}datahash = ${sum("sha256", data, "hex")}\n`;
  const control =
    replaced.control ??
    segment(
      withData({ name: ".PKGINFO" }, text),
      ...Object.entries(spec.scripts ?? {}).map(([script, content]) => withData({ name: script, mode: 0o755 }, content)),
    );
  const file = Buffer.concat([...(spec.key === undefined ? [] : [signature(control, spec.key)]), control, data]);
  const checksum = `Q1${sum("sha1", control, "base64")}`;
  const size = (spec.files ?? []).reduce((total, { data: content = "" }) => total + content.length, 0);
  const more = Object.entries(fields).map(([letter, value]) => `${letter}:${value}\n`);
  const stanza = `C:${checksum}\nP:${name}\nV:${version}\nA:${architecture}\nS:${file.length}\nI:${size}\nT:package ${name}\n${more.join("")}`;
  return { file, control, data, checksum, stanza };
}

function entry({ data, ...block }: ApkEntry): Buffer {
  return data === undefined ? headerBlock(block) : withData(block, data);
}

export interface IndexSpec {
  /** Seconds since 1970. */
  readonly date?: number;
  readonly key?: ApkKey;
  readonly kind?: ApkSignature;
  /** `tests` when absent. */
  readonly description?: string;
}

/** An APKINDEX.tar.gz of stanzas. */
export function buildApkIndex(
  stanzas: readonly string[],
  { date = 1_700_000_000, key, kind, description = "tests" }: IndexSpec = {},
): Buffer {
  const signed = gzipSync(
    archive(
      withData({ name: "DESCRIPTION", mtime: date }, description),
      withData({ name: "APKINDEX", mtime: date }, `${stanzas.join("\n")}\n`),
    ),
  );
  return key === undefined ? signed : Buffer.concat([signature(signed, key, kind), signed]);
}

/** A repository's files by their paths below it, for `x86_64`. */
export function buildApkRepository(packages: readonly ApkSpec[], index: IndexSpec): ArchiveFiles {
  const files: ArchiveFiles = new Map();
  const stanzas = packages.map((spec) => {
    const built = buildApk({ ...(index.key === undefined ? {} : { key: index.key }), ...spec });
    files.set(`x86_64/${spec.name}-${spec.version ?? "1.0-r0"}.apk`, built.file);
    return built.stanza;
  });
  files.set("x86_64/APKINDEX.tar.gz", buildApkIndex(stanzas, index));
  return files;
}

function sum(algorithm: string, bytes: Buffer, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(bytes).digest(encoding);
}
