import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { DhiError } from "../../../errors.js";
import { digestFrom, type Digest } from "../../../image/digest.js";
import { decompress } from "../../../rootfs/compression/decompress.js";
import type { LayerEntry } from "../../../rootfs/tree/node.js";
import { beyondLimit } from "../../../rootfs/tar/limits.js";
import { TarReader } from "../../../rootfs/tar/reader.js";
import { dataLimit, MAX_PADDING, ofPackage } from "../../unpack/package-limits.js";
import { ApkEntries } from "./apk-entries.js";
import { MAX_HEAD, readApkHead, type ApkHead } from "./apk-segments.js";

export interface UnpackApkOptions {
  /** For errors: `curl-8.5.0-r0`. */
  readonly name: string;
  readonly file: string;
  /** `Q1…`, from the package index. */
  readonly checksum: string;
  /** Receives the uncompressed data segment in order; it is valid only once `unpackApk` succeeds. */
  readonly spool?: ((chunk: Buffer) => Promise<void>) | undefined;
}

export interface UnpackedApk {
  /** `.PKGINFO`, `.pre-install`, `.post-install`, `.trigger` and so on. */
  readonly control: ReadonlyMap<string, Buffer>;
  /** Digest of the data segment as stored (`datahash`); contents of entries refer to it as their `blob`. */
  readonly payload: Digest;
  /** Without names at the root that start with a period; each node with the records of `withRecords`. */
  readonly entries: readonly LayerEntry[];
}

/**
 * Reads a package of apk-package(5), version 2, in one pass, with bounded memory, and verifies all of it against the package index. Throws
 * `DhiError` with origin "packages", the package and the entry in its message: "invalid" for what is not a package or has forbidden entries,
 * "mismatch" when it is another package or truncated, "limit".
 */
export async function unpackApk(options: UnpackApkOptions): Promise<UnpackedApk> {
  try {
    const head = await readHead(options.file);
    if (head.checksum !== options.checksum)
      throw new DhiError(
        "mismatch",
        `its control segment has the checksum ${head.checksum}, but the package index states ${options.checksum}`,
      );
    return { control: head.control, payload: head.data, entries: await readData(head, options) };
  } catch (thrown) {
    throw ofPackage(options.name, thrown);
  }
}

async function readHead(file: string): Promise<ApkHead> {
  const handle = await open(file, "r");
  try {
    for (let length = 64 * 1024; ; length *= 4) {
      const bytes = Buffer.alloc(Math.min(length, MAX_HEAD));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      const head = readApkHead(bytes.subarray(0, bytesRead));
      if (head !== undefined) return head;
      if (bytesRead < bytes.length) throw new DhiError("mismatch", "it is truncated in its control segment");
      if (length >= MAX_HEAD) throw new DhiError("limit", `its control segment has more than ${MAX_HEAD} bytes`);
    }
  } finally {
    await handle.close();
  }
}

async function readData({ data, dataStart }: ApkHead, { file, spool }: UnpackApkOptions): Promise<readonly LayerEntry[]> {
  const { size } = await stat(file);
  const limit = dataLimit(size - dataStart);
  const collected = new ApkEntries(data, limit);
  const reader = new TarReader(collected, limit);
  const sum = createHash("sha256");
  const stored = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of createReadStream(file, { start: dataStart, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      sum.update(piece);
      yield piece;
    }
  };
  let padding = 0;
  for await (const chunk of decompress(stored(), "gzip")) {
    reader.write(chunk);
    // Zeros compress to almost nothing, and may expand to any size.
    if (reader.ended) padding += chunk.length;
    if (padding > MAX_PADDING) throw beyondLimit("more bytes follow the end of its data", MAX_PADDING);
    await spool?.(chunk);
  }
  reader.end();
  const found = digestFrom(sum);
  if (found !== data) throw new DhiError("mismatch", `its data segment has ${found}, but its .PKGINFO states ${data}`);
  return collected.entries;
}
