import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { DhiError } from "../../../errors.js";
import type { Digest } from "../../../image/digest.js";
import { decompress } from "../../../rootfs/compression/decompress.js";
import type { LayerEntry } from "../../../rootfs/tree/node.js";
import { releaseBytes } from "../../../rootfs/compression/release-bytes.js";
import { displayPath } from "../../../rootfs/tree/raw-path.js";
import { inTurns } from "../../../rootfs/steps.js";
import { beyondLimit } from "../../../rootfs/tar/limits.js";
import { TarReader } from "../../../rootfs/tar/reader.js";
import type { ArMember } from "./ar.js";
import { readMember, readMembers } from "./ar.js";
import { readControl } from "./deb-control.js";
import { PackageEntries } from "../../unpack/package-entries.js";
import { checkIdentity, type PackageIdentity } from "./deb-identity.js";
import { dataLimit, MAX_PADDING, ofPackage } from "../../unpack/package-limits.js";
import type { PackedMember } from "./deb-members.js";
import { findMembers } from "./deb-members.js";
import { unxz } from "./xz.js";

export interface UnpackDebOptions {
  /** For errors: `curl_7.88.1_amd64`. */
  readonly name: string;
  /** The package's file, its digest verified. */
  readonly file: string;
  /** Digest of the package's file; contents of entries refer to it as their `blob`. */
  readonly digest: Digest;
  /** What the package's control file must say; not checked when absent. */
  readonly expected?: PackageIdentity | undefined;
  /** Receives the uncompressed data archive in order; each piece is valid until it returns, and the whole only once `unpackDeb` succeeds. */
  readonly spool?: ((chunk: Buffer) => Promise<void>) | undefined;
}

export interface UnpackedDeb {
  /** Files of the control archive: `control`, `postinst`, `md5sums`, `conffiles`, `triggers` and so on. */
  readonly control: ReadonlyMap<string, Buffer>;
  /** The entries of the data archive; contents point into the archive as it was spooled. */
  readonly entries: readonly LayerEntry[];
}

/**
 * Reads a Debian package (deb(5)) in one pass, with bounded memory. Throws `DhiError` with origin "packages", the package and the
 * entry in its message: "invalid" for what is not a package or has forbidden entries, "mismatch" when it is truncated, "limit".
 */
export async function unpackDeb(options: UnpackDebOptions): Promise<UnpackedDeb> {
  const handle = await open(options.file, "r");
  try {
    const { format, control, data } = findMembers(await readMembers(handle));
    await checkFormat(handle, format);
    const files = await readControl(unpacked(handle, control));
    if (options.expected !== undefined) checkIdentity(files.get("control"), options.expected);
    return { control: files, entries: await readData(handle, data, options) };
  } catch (thrown) {
    throw ofPackage(options.name, thrown);
  } finally {
    await handle.close();
  }
}

async function readData(handle: FileHandle, data: PackedMember, { digest, spool }: UnpackDebOptions): Promise<readonly LayerEntry[]> {
  const limit = dataLimit(data.member.size);
  const isDecoded = data.compression !== "none";
  const collected = new PackageEntries(digest, limit);
  const reader = new TarReader(collected, limit);
  let padding = 0;
  for await (const chunk of unpacked(handle, data)) {
    await inTurns(reader.take(chunk), undefined);
    // Zeros compress to almost nothing, and may expand to any size.
    if (reader.ended) padding += chunk.length;
    if (padding > MAX_PADDING) throw beyondLimit("more bytes follow the end of its data archive", MAX_PADDING);
    await spool?.(chunk);
    if (isDecoded) releaseBytes(chunk);
  }
  reader.end();
  const extended = collected.entries.find((entry) => "node" in entry && Object.keys(entry.node.pax).length > 0);
  if (extended !== undefined)
    throw new DhiError("invalid", `${displayPath(extended.path)} has extended attributes, which dpkg does not support`);
  return collected.entries;
}

async function checkFormat(handle: FileHandle, member: ArMember): Promise<void> {
  const text: Buffer[] = [];
  if (member.size <= 1024) for await (const piece of readMember(handle, member)) text.push(piece);
  const version = Buffer.concat(text).toString("latin1").split("\n")[0] ?? "";
  if (!/^2\.[0-9]+$/.test(version))
    throw new DhiError("invalid", `it is a Debian package of format ${JSON.stringify(version)}: only 2.0 is supported`);
}

async function* unpacked(handle: FileHandle, { member, compression }: PackedMember): AsyncGenerator<Buffer, undefined> {
  const packed = readMember(handle, member);
  try {
    yield* compression === "xz" ? unxz(packed) : decompress(packed, compression);
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    throw new DhiError(thrown.code, `its ${member.name}: ${thrown.message}`, thrown);
  }
  return undefined;
}
