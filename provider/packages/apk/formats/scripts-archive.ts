import { DhiError } from "../../../errors.js";
import { hasChecksum, isZeroBlock, parseHeader } from "../../../rootfs/tar/header.js";
import { BLOCK, padded } from "../../../rootfs/tar/limits.js";
import { trimEndOf } from "../../../text/trim.js";

/** Kinds of maintainer scripts in the order in which apk keeps them. */
export const scriptKinds = [
  "pre-install",
  "post-install",
  "pre-deinstall",
  "post-deinstall",
  "pre-upgrade",
  "post-upgrade",
  "trigger",
] as const;

export type ScriptKind = (typeof scriptKinds)[number];

/** One script of an installed package in apk's `scripts.tar`. */
export interface ArchivedScript {
  /** `Q1…` of the package. */
  readonly checksum: string;
  /** `post-install`. */
  readonly kind: string;
  readonly text: Buffer;
  /** Its blocks in the archive: header, data, padding. */
  readonly blocks: Buffer;
}

/** In the order of the archive. `formatScripts(parseScripts(bytes))` is `bytes` for what apk wrote. Throws `DhiError` "invalid". */
export function parseScripts(bytes: Buffer): readonly ArchivedScript[] {
  const scripts: ArchivedScript[] = [];
  let longName: string | undefined;
  let start = 0;
  for (let at = 0; at + BLOCK <= bytes.length && !isZeroBlock(bytes, at);) {
    if (!hasChecksum(bytes, at)) throw damaged();
    const { name, type, size } = parseHeader(bytes, at);
    const data = bytes.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + padded(size);
    if (at > bytes.length) throw damaged();
    if (type === "L") {
      longName = trimEndOf(data.toString("latin1"), "\0");
      continue;
    }
    // `<name>-<version>.<checksum>.<kind>`; the checksum may hold slashes, but no period.
    const [, checksum, kind] = /\.([^.]*)\.([^.]*)$/.exec(longName ?? name) ?? [];
    if (checksum !== undefined && kind !== undefined)
      scripts.push({ checksum: inBase64(checksum), kind, text: data, blocks: bytes.subarray(start, at) });
    longName = undefined;
    start = at;
  }
  return scripts;
}

export function formatScripts(scripts: readonly ArchivedScript[]): Buffer {
  return Buffer.concat([...scripts.map(({ blocks }) => blocks), Buffer.alloc(2 * BLOCK)]);
}

interface ScriptOwner {
  readonly name: string;
  readonly version: string;
  readonly checksum: string;
  /** Seconds since 1970: t of the package index. */
  readonly built: number;
}

/** As apk 2.14 writes one (src/tar.c): in GNU format, owned by root, with mode 0755 whatever the package says. */
export function archiveScript({ name, version, checksum, built }: ScriptOwner, kind: ScriptKind, text: Buffer): ArchivedScript {
  const full = `${name}-${version}.${checksum}.${kind}`;
  const long = full.length < 100 ? [] : [block("././@LongLink", "L", full.length, built), fill(Buffer.from(`${full}\0`, "latin1"))];
  const blocks = Buffer.concat([...long, block(full.slice(0, 99), "0", text.length, built), fill(text)]);
  return { checksum, kind, text, blocks };
}

/** apk 3 writes checksums in hexadecimal: `X1…`. */
function inBase64(checksum: string): string {
  const [, version, digits] = /^X([12])([0-9a-f]{40})$/.exec(checksum) ?? [];
  return digits === undefined ? checksum : `Q${version ?? ""}${Buffer.from(digits, "hex").toString("base64")}`;
}

function block(name: string, type: string, size: number, mtime: number): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  const put = (text: string, at: number): void => void bytes.write(text, at, "latin1");
  const octal = (value: number, length: number): string => value.toString(8).padStart(length, "0");
  put(name, 0);
  put(octal(0o755, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  // apk fills these two fields completely, without a terminating NUL.
  put(octal(size, 12), 124);
  put(octal(mtime, 12), 136);
  put(" ".repeat(8), 148);
  put(type, 156);
  put("ustar  \0", 257);
  put("root", 265);
  put("root", 297);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\0`, 148);
  return bytes;
}

function fill(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc(padded(data.length) - data.length)]);
}

function damaged(): DhiError {
  return new DhiError("invalid", "the base's archive of maintainer scripts (scripts.tar of apk's database) is damaged", {
    origin: "base",
    hint: "Use a base on which apk works",
  });
}
