import { crc32 } from "node:zlib";

/** The stream header's and the block's alignment (The .xz File Format 1.2.1, 2.1). */
export const HEADER = 12;
const headerMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/** Whether a stream starts at `at`: magic, flags and their CRC32 (2.1.1). */
export function isStreamHeader(bytes: Buffer, at: number): boolean {
  if (bytes.length - at < HEADER) return false;
  return bytes.subarray(at, at + 6).equals(headerMagic) && crc32(bytes.subarray(at + 6, at + 8)) === bytes.readUInt32LE(at + 8);
}

/** Whether a stream ends at `at`: its footer has the right CRC32 and the flags of its header (2.1.2). */
function isStreamEnd(bytes: Buffer, at: number, flags: Buffer): boolean {
  if (at < HEADER || bytes[at - 2] !== 0x59 || bytes[at - 1] !== 0x5a) return false;
  const footer = bytes.subarray(at - HEADER, at);
  return footer.subarray(8, 10).equals(flags) && crc32(footer.subarray(4, 10)) === footer.readUInt32LE(0);
}

/**
 * Where in the bytes that a decoder got last its stream ended: it does not tell. `before`: the bytes of the stream before `tail`.
 * Where more than one place could be it, the one counts that padding or another stream follows. Undefined when there is none.
 */
export function findStreamEnd(tail: Buffer, fresh: number, before: number, flags: Buffer): number | undefined {
  const ends: number[] = [];
  const first = fresh + ((4 - ((before + fresh) % 4)) % 4);
  for (let at = first; at <= tail.length; at += 4) if (isStreamEnd(tail, at, flags)) ends.push(at);
  return ends.find((at) => isContinued(tail, at)) ?? ends[0];
}

function isContinued(bytes: Buffer, at: number): boolean {
  let next = at;
  while (next < bytes.length && bytes[next] === 0) next += 1;
  return next === bytes.length || bytes.subarray(next, next + 6).equals(headerMagic.subarray(0, bytes.length - next));
}
