import { crc32, inflateRawSync } from "node:zlib";
import { DhiError } from "../../../errors.js";

export interface GzipMember {
  /** Decoded. */
  readonly data: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

const [hasHeaderSum, hasExtra, hasName, hasComment] = [2, 4, 8, 16] as const;

/**
 * The member that begins at `start` (RFC 1952, section 2.3), its checksum and size verified; undefined where `bytes` end before it does.
 * `limit`: decoded bytes. Throws `DhiError` "invalid", "limit".
 */
export function readGzipMember(bytes: Buffer, start: number, limit: number): GzipMember | undefined {
  const body = skipHeader(bytes, start);
  if (body === undefined) return undefined;
  const inflated = inflate(bytes.subarray(body), limit);
  if (inflated === undefined) return undefined;
  const end = body + inflated.stored;
  if (bytes.length < end + 8) return undefined;
  const { data } = inflated;
  if (bytes.readUInt32LE(end) !== crc32(data) || bytes.readUInt32LE(end + 4) !== data.length % 2 ** 32)
    throw new DhiError("invalid", "a gzip member is damaged: its checksum is wrong");
  return { data, end: end + 8 };
}

function skipHeader(bytes: Buffer, start: number): number | undefined {
  if (bytes.length < start + 10) return undefined;
  const flags = bytes[start + 3] ?? 0;
  if (bytes.readUInt16BE(start) !== 0x1f8b || bytes[start + 2] !== 8 || flags > 31)
    throw new DhiError("invalid", "it has no gzip data where a segment must begin");
  let at = start + 10;
  if ((flags & hasExtra) !== 0) {
    if (bytes.length < at + 2) return undefined;
    at += 2 + bytes.readUInt16LE(at);
  }
  for (const flag of [hasName, hasComment]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  return (flags & hasHeaderSum) === 0 ? at : at + 2;
}

function inflate(bytes: Buffer, limit: number): { readonly data: Buffer; readonly stored: number } | undefined {
  try {
    // The typings know only the result without `info`.
    const { buffer, engine } = inflateRawSync(bytes, { info: true, maxOutputLength: limit }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { data: buffer, stored: engine.bytesWritten };
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR") return undefined;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new DhiError("limit", `a segment decompresses to more than ${limit} bytes`, { cause: thrown });
    throw new DhiError("invalid", "a gzip member is damaged", { cause: thrown });
  }
}
