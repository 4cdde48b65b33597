import type { FileHandle } from "node:fs/promises";
import { DhiError } from "../../../errors.js";

/** A member of an ar archive: where its bytes are in the file. */
export interface ArMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const MAGIC = "!<arch>\n";
const HEADER = 60;
/** A Debian package has three; some have a few more. */
const MAX_MEMBERS = 100;
const PIECE = 256 * 1024;

/** The members of the archive in `handle`, in order (deb(5), ar(5)). Throws `DhiError` "invalid" for what is not an ar archive, "mismatch" for a truncated one, "limit". */
export async function readMembers(handle: FileHandle): Promise<readonly ArMember[]> {
  const { size: end } = await handle.stat();
  if ((await readAt(handle, 0, Math.min(end, MAGIC.length))).toString("latin1") !== MAGIC)
    throw new DhiError("invalid", "it is not an ar archive");
  const members: ArMember[] = [];
  for (let at = MAGIC.length; at < end;) {
    if (end - at < HEADER) throw cutOff(end);
    const member = parseHeader(await readAt(handle, at, HEADER), at);
    if (member.offset + member.size > end) throw cutOff(end, member.name);
    members.push(member);
    if (members.length > MAX_MEMBERS) throw new DhiError("limit", `it has more than ${MAX_MEMBERS} members`);
    at = member.offset + member.size + (member.size % 2);
  }
  return members;
}

/** The bytes of a member, in pieces. */
export async function* readMember(handle: FileHandle, { offset, size }: ArMember): AsyncGenerator<Buffer, undefined> {
  for (let at = 0; at < size; at += PIECE) yield await readAt(handle, offset + at, Math.min(PIECE, size - at));
  return undefined;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw cutOff(position + filled);
    filled += bytesRead;
  }
  return buffer;
}

function parseHeader(header: Buffer, at: number): ArMember {
  const text = header.toString("latin1");
  const size = /^([0-9]+) *$/.exec(text.slice(48, 58))?.[1];
  // GNU ar ends names with a slash, others with spaces alone.
  const name = text.slice(0, 16).trimEnd().replace(/\/$/, "");
  if (text.slice(58) !== "`\n" || size === undefined || !/^[!-~]+$/.test(name))
    throw new DhiError("invalid", `it has no valid ar header at byte ${at}`);
  return { name, offset: at + HEADER, size: Number(size) };
}

function cutOff(size: number, name?: string): DhiError {
  return new DhiError("mismatch", `it is truncated after ${size} bytes${name === undefined ? "" : `, within ${name}`}`);
}
