import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { Cache } from "../../cache/cache.js";
import { DhiError } from "../../errors.js";
import { digestFrom, hexOf } from "../../image/digest.js";
import { decompress } from "../../rootfs/decompress.js";
import { InTurn } from "../fetch-limits.js";
import type { Fetcher } from "../fetcher.js";
import type { OpenedRelease } from "./archive-release.js";
import { scanFile } from "./archive-scan.js";
import { PackageIndex, StanzaFile } from "./package-index.js";
import type { ReleaseFile } from "./release.js";
import { unxz } from "./xz.js";

/** Folders of the cache: Packages files unpacked, and what was found in them, by the digest of the unpacked file. */
const indexes = "package-indexes";
const tables = "package-tables";

/** One at a time: side by side they take more memory and hardly less time. */
const unpacking = new InTurn();

/** Bytes of a Packages file; Debian's biggest has 60 million. */
const LIMIT = 1024 ** 3;
/** Where only a packed form is listed, its bytes times this, or what is always allowed. */
const RATIO = 100;
const ALWAYS = 64 * 1024 ** 2;

/** What there is to choose from, best first: a third more bytes of gzip arrive sooner than xz is decoded. */
const forms: readonly (readonly [string, (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>])[] = [
  [".gz", (source) => decompress(source, "gzip")],
  [".xz", unxz],
  [".zst", (source) => decompress(source, "zstd")],
  ["", (source) => source],
];

export interface IndexSource {
  readonly fetcher: Fetcher;
  readonly cache: Cache;
  /** Told of files that stay open as long as the index is used. */
  readonly opened: (file: StanzaFile) => void;
}

/** The package index at `path` (`main/binary-amd64/Packages`) below a suite; undefined where the release lists none. */
export async function openIndex(source: IndexSource, opened: OpenedRelease, path: string): Promise<PackageIndex | undefined> {
  const { files } = opened.release;
  const form = forms.find(([ending]) => files.has(path + ending));
  const file = form === undefined ? undefined : files.get(path + form[0]);
  const what = `${opened.url}/${path}`;
  if (form === undefined || file === undefined) {
    const others = [...files.keys()].filter((name) => name.startsWith(`${path}.`)).map((name) => name.slice(path.length));
    if (others.length > 0)
      throw new DhiError("invalid", `${what} is listed only as ${others.join(", ")}: .gz, .xz, .zst and plain are read`);
    return undefined;
  }
  const [ending, unpack] = form;
  const plain = files.get(path);
  for (const { size } of [file, ...(plain === undefined ? [] : [plain])])
    if (size > LIMIT) throw new DhiError("limit", `${what} has ${size} bytes by its release file: the limit is ${LIMIT}`);
  const key = plain === undefined ? `of-${hexOf(file.digest)}` : hexOf(plain.digest);
  const known = await knownFile(source.cache, key, plain);
  if (known !== undefined) return await readTable(source, known, key, what);
  const packed = await download(source.fetcher, opened, path + ending, file);
  try {
    return await readTable(source, await unpacking.run(() => unpackIndex(source, packed, unpack, what, key, plain, file)), key, what);
  } catch (thrown) {
    // Its digest is what the archive states, and yet it must not stay.
    if (thrown instanceof DhiError) await forget(source.cache, packed, key);
    throw thrown;
  }
}

async function forget(cache: Cache, packed: string, key: string): Promise<void> {
  for (const path of [packed, await cache.path(indexes, key)]) if (path !== undefined) await rm(path, { force: true });
}

async function knownFile(cache: Cache, key: string, plain: ReleaseFile | undefined): Promise<string | undefined> {
  const path = await cache.path(indexes, key);
  if (path === undefined || plain === undefined) return path;
  return (await stat(path)).size === plain.size ? path : undefined;
}

/** By hash where the archive has that, so that a mirror that is being updated does no harm. */
async function download(fetcher: Fetcher, { url, release }: OpenedRelease, path: string, file: ReleaseFile): Promise<string> {
  const named = `${url}/${path}`;
  if (!release.acquireByHash) return await fetcher.fetch(named, file);
  try {
    return await fetcher.fetch(`${url}/${path.replace(/[^/]*$/, "")}by-hash/SHA256/${hexOf(file.digest)}`, file);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "not-found") throw thrown;
    return await fetcher.fetch(named, file);
  }
}

async function unpackIndex(
  { cache }: IndexSource,
  file: string,
  unpack: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  what: string,
  key: string,
  plain: ReleaseFile | undefined,
  { size: packedSize }: ReleaseFile,
): Promise<string> {
  const limit = plain?.size ?? Math.min(LIMIT, Math.max(ALWAYS, RATIO * packedSize));
  const writer = await cache.create(indexes);
  try {
    const hash = createHash("sha256");
    let size = 0;
    const packed: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: 256 * 1024 });
    for await (const piece of unpack(packed)) {
      size += piece.length;
      if (size > limit) throw new DhiError(plain === undefined ? "limit" : "mismatch", `${what} unpacks to more than ${limit} bytes`);
      hash.update(piece);
      await writer.write(piece);
    }
    const digest = digestFrom(hash);
    if (plain !== undefined && (size !== plain.size || digest !== plain.digest))
      throw new DhiError(
        "mismatch",
        `${what} unpacks to ${size} bytes of ${digest} where its release states ${plain.size} of ${plain.digest}`,
      );
    await writer.commit(key);
  } catch (thrown) {
    throw thrown instanceof DhiError && !thrown.message.includes(what)
      ? new DhiError(thrown.code, `${what}: ${thrown.message}`, { cause: thrown })
      : thrown;
  } finally {
    await writer.discard();
  }
  const path = await cache.path(indexes, key);
  if (path === undefined) throw new DhiError("unavailable", `the cache lost ${what} while it was used`, { hint: "Give it more room" });
  return path;
}

/** What is in the file, found once and kept; its stanzas stay on disk. */
async function readTable({ cache, opened }: IndexSource, path: string, key: string, what: string): Promise<PackageIndex> {
  const file = new StanzaFile(path, what);
  opened(file);
  const known = await cache.read(tables, key);
  if (known !== undefined) {
    try {
      return PackageIndex.decode(known, file, what);
    } catch (thrown) {
      if (!(thrown instanceof DhiError)) throw thrown;
    }
  }
  const table = await scanFile(path, file.size, what);
  await cache.write(tables, key, table);
  return PackageIndex.decode(table, file, what);
}
