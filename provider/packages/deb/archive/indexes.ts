import { rm, stat } from "node:fs/promises";
import type { Cache } from "../../../cache/cache.js";
import { DhiError } from "../../../errors.js";
import { hexOf } from "../../../image/digest.js";
import type { Fetcher } from "../../fetch/fetcher.js";
import type { OpenedRelease } from "./verified-release.js";
import { packageIndexes, packageTables, type IndexForm } from "./index-job.js";
import { PackageIndex } from "./package-index.js";
import { StanzaFile } from "./stanza-file.js";
import type { ReleaseFile } from "./release.js";
import { work } from "../work-pool.js";

/** Bytes of a Packages file; Debian's largest has 60 million. */
const LIMIT = 1024 ** 3;
/** Where only a compressed form is listed, the limit is its size times RATIO, or ALWAYS if that is more. */
const RATIO = 100;
const ALWAYS = 64 * 1024 ** 2;

/** Supported forms, best first: a third more bytes of gzip arrive sooner than xz is decoded. */
const forms: readonly IndexForm[] = [".gz", ".xz", ".zst", ""];

/** Bytes of a compressed file from which on a thread pays off. */
const LARGE = 256 * 1024;

export interface IndexSource {
  readonly fetcher: Fetcher;
  readonly cache: Cache;
  /** Called for files that stay open as long as the index is used. */
  readonly opened: (file: StanzaFile) => void;
}

/** The package index at `path` (`main/binary-amd64/Packages`) below a suite; undefined where the release file does not list it. */
export async function openIndex(source: IndexSource, opened: OpenedRelease, path: string): Promise<PackageIndex | undefined> {
  const { files } = opened.release;
  const form = forms.find((ending) => files.has(path + ending));
  const file = form === undefined ? undefined : files.get(path + form);
  const what = `${opened.url}/${path}`;
  if (form === undefined || file === undefined) {
    const others = [...files.keys()].filter((name) => name.startsWith(`${path}.`)).map((name) => name.slice(path.length));
    if (others.length > 0)
      throw new DhiError("invalid", `${what} is listed only as ${others.join(", ")}: .gz, .xz, .zst and uncompressed are supported`);
    return undefined;
  }
  const plain = files.get(path);
  for (const { size } of [file, ...(plain === undefined ? [] : [plain])])
    if (size > LIMIT) throw new DhiError("limit", `${what} has ${size} bytes according to its release file: the limit is ${LIMIT}`);
  const key = plain === undefined ? `of-${hexOf(file.digest)}` : hexOf(plain.digest);
  const known = await knownFile(source.cache, key, plain);
  const index = known === undefined ? undefined : await readTable(source, known, key, what);
  if (index !== undefined) return index;
  const packed = known ?? (await download(source.fetcher, opened, path + form, file));
  const limit = plain?.size ?? Math.min(LIMIT, Math.max(ALWAYS, RATIO * file.size));
  const job = { kind: "index", cacheDirectory: source.cache.directory, file: packed, what, key, plain, limit } as const;
  try {
    await work({ ...job, form: known === undefined ? form : "" }, file.size >= LARGE);
  } catch (thrown) {
    // Its digest matches the archive's statement, but an invalid index must not stay in the cache.
    if (thrown instanceof DhiError) await forget(source.cache, packed, key);
    throw thrown;
  }
  const made = await source.cache.path(packageIndexes, key);
  return (made === undefined ? undefined : await readTable(source, made, key, what)) ?? lost(what);
}

function lost(what: string): never {
  throw new DhiError("unavailable", `${what} was evicted from the cache while it was in use`, { hint: "Give the cache more room" });
}

async function forget(cache: Cache, packed: string, key: string): Promise<void> {
  for (const path of [packed, await cache.path(packageIndexes, key)]) if (path !== undefined) await rm(path, { force: true });
}

async function knownFile(cache: Cache, key: string, plain: ReleaseFile | undefined): Promise<string | undefined> {
  const path = await cache.path(packageIndexes, key);
  if (path === undefined || plain === undefined) return path;
  return (await stat(path)).size === plain.size ? path : undefined;
}

/** By hash where the archive supports it, so that a mirror in the middle of an update stays consistent. */
async function download(
  fetcher: Fetcher,
  { url, release, source: { origin } }: OpenedRelease,
  path: string,
  file: ReleaseFile,
): Promise<string> {
  const named = { url: `${url}/${path}`, origin };
  if (!release.acquireByHash) return await fetcher.fetch(named, file);
  try {
    const byHash = `${url}/${path.slice(0, path.lastIndexOf("/") + 1)}by-hash/SHA256/${hexOf(file.digest)}`;
    return await fetcher.fetch({ url: byHash, origin }, file);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "not-found") throw thrown;
    return await fetcher.fetch(named, file);
  }
}

/** The index by its cached table; stanzas stay on disk. Undefined where the table is missing or damaged. */
async function readTable({ cache, opened }: IndexSource, path: string, key: string, what: string): Promise<PackageIndex | undefined> {
  const table = await cache.read(packageTables, key);
  if (table === undefined) return undefined;
  const file = new StanzaFile(path, what);
  try {
    const index = PackageIndex.decode(table, file, what);
    opened(file);
    return index;
  } catch (thrown) {
    file.close();
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}
