import { DhiError } from "../../errors.js";
import { displayPath } from "../tree/raw-path.js";
import { BLOCK, MAX_ID, MAX_TIME } from "./limits.js";
import { numberBetween, parseNumber } from "./number.js";

/** The fields of one header block. Strings are bytes (latin1). */
export interface TarHeader {
  readonly name: string;
  /** The type flag, one character. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes stored after the header. */
  readonly size: number;
  readonly mtime: number;
  readonly link: string;
  /** Names of the owner where the archive was made; "" when it has none. */
  readonly user: string;
  readonly group: string;
  readonly major: number;
  readonly minor: number;
}

const CHECKSUM = 148;
const SPACE = 32;

export function isZeroBlock(buffer: Buffer, at: number): boolean {
  for (let i = at; i < at + BLOCK; i += 1) if (buffer[i] !== 0) return false;
  return true;
}

/** Whether the block's checksum is right. Some old writers summed signed bytes; both sums are accepted, as in GNU tar and Go. */
export function hasChecksum(buffer: Buffer, at: number): boolean {
  let stated: number;
  try {
    stated = parseNumber(buffer, at + CHECKSUM, 8, "checksum");
  } catch {
    return false;
  }
  let sum = 8 * SPACE;
  let high = 0;
  for (let i = at; i < at + BLOCK; i += 1) {
    if (i === at + CHECKSUM) i += 8;
    const byte = buffer[i] as number;
    sum += byte;
    if (byte > 127) high += 1;
  }
  return stated === sum || stated === sum - 256 * high;
}

/**
 * Parses a block whose checksum is right. Throws `DhiError` "invalid", naming the entry, for a field that is not a number or is out of
 * range.
 */
export function parseHeader(buffer: Buffer, at: number): TarHeader {
  const name = fullName(buffer, at);
  const type = String.fromCharCode(buffer[at + 156] ?? 0);
  const device = type === "3" || type === "4";
  const field = (offset: number, length: number, what: string, limit = Number.MAX_SAFE_INTEGER, least = 0): number =>
    numberBetween(least, limit, parseNumber(buffer, at + offset, length, what), what);
  try {
    return {
      name,
      type,
      mode: field(100, 8, "mode") & 0o7777,
      uid: field(108, 8, "uid"),
      gid: field(116, 8, "gid"),
      size: field(124, 12, "size"),
      mtime: field(136, 12, "mtime", MAX_TIME, -MAX_TIME),
      link: text(buffer, at + 157, 100),
      user: ownerName(buffer, at, 265),
      group: ownerName(buffer, at, 297),
      major: device ? field(329, 8, "device major", MAX_ID) : 0,
      minor: device ? field(337, 8, "device minor", MAX_ID) : 0,
    };
  } catch (cause) {
    throw new DhiError("invalid", `the tar header of ${displayPath(name)} is damaged: ${(cause as Error).message}`, { cause });
  }
}

/** Only POSIX archives have a prefix field; GNU's store times there (GNU tar manual, "Basic Tar Format"), star's is shorter. */
function fullName(buffer: Buffer, at: number): string {
  const name = text(buffer, at, 100);
  if (buffer.toString("latin1", at + 257, at + 263) !== "ustar\0") return name;
  const star = buffer.toString("latin1", at + 508, at + 512) === "tar\0";
  const prefix = text(buffer, at + 345, star ? 131 : 155);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Pre-POSIX archives have none. */
function ownerName(buffer: Buffer, at: number, offset: number): string {
  return buffer[at + 257] === 0 ? "" : text(buffer, at + offset, 32);
}

function text(buffer: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && buffer[end] !== 0) end += 1;
  return buffer.toString("latin1", start, end);
}
