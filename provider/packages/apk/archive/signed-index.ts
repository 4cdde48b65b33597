import { gunzipSync } from "node:zlib";
import { DhiError } from "../../../errors.js";
import { digestOf, type Digest } from "../../../image/digest.js";
import type { PackageSource } from "../../packages.js";
import { isSignature } from "../formats/apk-segments.js";
import { readGzipMember } from "../formats/gzip-member.js";
import { readApkKeys, verifyApkSignature } from "./signature.js";
import { readSmallTar, type SmallFile } from "../formats/small-tar.js";

/** Bytes of an APKINDEX.tar.gz as served; that of Alpine's community has 2 MiB. */
export const MAX_INDEX = 32 * 1024 * 1024;
/** Bytes of its decompressed content; that of Alpine's community has 9 MiB. */
const MAX_UNPACKED = 128 * 1024 * 1024;
/** Bytes of signatures, decompressed. */
const MAX_SIGNATURES = 64 * 1024;

/** Signatures of an index; Alpine's own have one. */
export const MAX_SIGNERS = 16;

/** The signature of an index is within this many bytes from its start. */
export const SIGNATURE_ROOM = 8 * 1024;

export interface SignedIndex {
  /** APKINDEX; bytes as latin1. */
  readonly text: string;
  /** The DESCRIPTION: in Alpine's own it has the branch (`v3.19.1-643-gec825d20535`); "" without one. */
  readonly description: string;
  /** When it was made; undefined where the archive's tool does not record it (1970). */
  readonly date: Date | undefined;
  readonly isSigned: boolean;
}

/**
 * Verifies an APKINDEX.tar.gz over its exact bytes and reads it. `what` names it in errors. Throws `DhiError` "invalid" for one that is
 * not signed by a key of its source, "limit".
 */
export function openSignedIndex(bytes: Buffer, source: Pick<PackageSource, "keys" | "allowUnsigned">, what: string): SignedIndex {
  const { signatures, end } = readSignatures(bytes);
  const signed = bytes.subarray(end);
  const isTrusted = source.allowUnsigned && (source.keys.length === 0 || signatures.size === 0);
  if (!isTrusted) {
    if (signatures.size === 0)
      throw new DhiError("invalid", `${what} is not signed`, {
        hint: "Sign it, or set allowUnsigned on its entry in packageSources if you trust the connection to it",
      });
    verifyApkSignature(signed, signatures, readApkKeys(source.keys), what);
  }
  const files = readSmallTar(unpack(signed, what));
  const index = files.get("APKINDEX");
  if (index === undefined) throw new DhiError("invalid", `${what} has no APKINDEX in it`);
  return {
    text: index.bytes.toString("latin1"),
    description: files.get("DESCRIPTION")?.bytes.toString("latin1") ?? "",
    date: dateOf(index),
    isSigned: !isTrusted,
  };
}

/**
 * Identifies a state of an index: the digest of its signatures as stored, which is unique, so that its first
 * `SIGNATURE_ROOM` bytes suffice; undefined without signatures there. Does not verify them.
 */
export function signatureDigest(start: Buffer): Digest | undefined {
  const { signatures, end } = readSignatures(start);
  return signatures.size === 0 ? undefined : digestOf(start.subarray(0, end));
}

/** The same for a whole index: for an unsigned one, the digest of all of it. */
export function indexDigest(bytes: Buffer): Digest {
  return signatureDigest(bytes.subarray(0, SIGNATURE_ROOM)) ?? digestOf(bytes);
}

function readSignatures(bytes: Buffer): { readonly signatures: ReadonlyMap<string, Buffer>; readonly end: number } {
  const signatures = new Map<string, Buffer>();
  let end = 0;
  for (let members = 0; ; members += 1) {
    const member = readSmallMember(bytes, end);
    if (member === undefined || !isSignature(member.data)) return { signatures, end };
    for (const [name, file] of readSmallTar(member.data)) signatures.set(name, file.bytes);
    if (Math.max(members + 1, signatures.size) > MAX_SIGNERS)
      throw new DhiError("limit", `a package index has more than ${MAX_SIGNERS} signatures`, {
        hint: "Sign the archive with one or two keys",
      });
    end = member.end;
  }
}

/** The index itself may be a large member. */
function readSmallMember(bytes: Buffer, start: number): ReturnType<typeof readGzipMember> {
  try {
    return readGzipMember(bytes, start, MAX_SIGNATURES);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "limit") return undefined;
    throw thrown;
  }
}

function unpack(signed: Buffer, what: string): Buffer {
  try {
    return gunzipSync(signed, { maxOutputLength: MAX_UNPACKED });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new DhiError("limit", `${what} unpacks to more than ${String(MAX_UNPACKED)} bytes`, { cause: thrown });
    throw new DhiError("invalid", `${what} is damaged: it is not gzip data`, { cause: thrown });
  }
}

function dateOf({ mtime }: SmallFile): Date | undefined {
  return mtime > 0 ? new Date(mtime * 1000) : undefined;
}
