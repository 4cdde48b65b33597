import { hash } from "node:crypto";
import { DhiError } from "../../../errors.js";
import { isDigest, type Digest } from "../../../image/digest.js";
import { MAX_CONTROL } from "../../unpack/package-limits.js";
import { readGzipMember } from "./gzip-member.js";
import { readSmallTar } from "./small-tar.js";

/** What precedes the data of a package, apk-package(5). */
export interface ApkHead {
  /** `.PKGINFO` and the scripts, by name. */
  readonly control: ReadonlyMap<string, Buffer>;
  /** `Q1` and base64 of the SHA-1 of the control segment as stored. */
  readonly checksum: string;
  /** `datahash` of `.PKGINFO`: the digest of the data segment as stored. */
  readonly data: Digest;
  /** Where the data segment begins. */
  readonly dataStart: number;
}

/** Stored bytes before the data segment, at most: the size of an incompressible control segment. */
export const MAX_HEAD = MAX_CONTROL + 1024 * 1024;

/** Reads what precedes the data; undefined where `bytes`, the start of a package, end too early. Throws `DhiError` "invalid", "limit". */
export function readApkHead(bytes: Buffer): ApkHead | undefined {
  for (let start = 0; ;) {
    const member = readGzipMember(bytes, start, MAX_CONTROL);
    if (member === undefined) return undefined;
    if (!isSignature(member.data))
      return { ...readControl(member.data), ...summed(bytes.subarray(start, member.end)), dataStart: member.end };
    start = member.end;
  }
}

/** Whether a segment holds signatures, by the name of its first file. */
export function isSignature(tar: Buffer): boolean {
  return tar.toString("latin1", 0, 6) === ".SIGN.";
}

function summed(stored: Buffer): Pick<ApkHead, "checksum"> {
  return { checksum: `Q1${hash("sha1", stored, "base64")}` };
}

function readControl(tar: Buffer): Pick<ApkHead, "control" | "data"> {
  const control = new Map<string, Buffer>();
  for (const [name, { bytes }] of readSmallTar(tar)) {
    // apk would install it as a file of the root.
    if (!name.startsWith("."))
      throw new DhiError("invalid", `/${name} is in its control segment, where only files that start with a period are`);
    control.set(name, bytes);
  }
  return { control, data: statedData(control) };
}

/** `datahash` of `.PKGINFO`. Throws `DhiError` "invalid". */
export function statedData(control: ReadonlyMap<string, Buffer>): Digest {
  const info = control.get(".PKGINFO")?.toString("latin1");
  if (info === undefined) throw new DhiError("invalid", "its control segment has no .PKGINFO");
  const stated = `sha256:${/^datahash = (\S+)$/m.exec(info)?.[1] ?? ""}`;
  if (!isDigest(stated)) throw new DhiError("invalid", "its .PKGINFO has no datahash, so its files cannot be verified");
  return stated;
}
