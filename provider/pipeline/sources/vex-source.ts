import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Memo } from "../../async/memo.js";
import { mapParallel } from "../../async/parallel.js";
import { MAX_VEX_BYTES, parseVex, type VexDocument } from "../../attestation/vex/document.js";
import { MAX_FEED_BYTES, MAX_FEED_INDEX_BYTES, parseFeedIndex } from "../../attestation/vex/feed.js";
import type { VexPackage } from "../../attestation/vex/names-package.js";
import { DhiError } from "../../errors.js";
import { digestOf, hexOf, type Digest } from "../../image/digest.js";
import { createFetcher } from "../../packages/fetch/fetch.js";
import type { Memory, Session } from "../session.js";
import type { VexSource } from "../spec/vex-source.js";

const property = "vex.source";
const jobs = 8;
/** Folder of the cache: documents that were named with their hash, by it. */
const documents = "vex-documents";

/**
 * The documents that `vex.source` names; of a feed those about packages that are in the image as the base has them. Throws `DhiError` with the
 * property: "not-found", "unavailable", "invalid", "mismatch" for a document with another hash, "limit".
 */
export async function readVexSource(session: Session, source: VexSource, packages: readonly VexPackage[]): Promise<readonly VexDocument[]> {
  try {
    return await read(session, source, packages);
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    // Those of package archives advise other archives.
    const hint = thrown.property === property || thrown.code === "invalid" ? thrown.hint : adviceFor(source);
    throw new DhiError(thrown.code, thrown.message, { property, hint, cause: thrown.cause });
  }
}

/**
 * Another text when a source has changed: of a document its hash, of a folder or feed that of `index.json`. Throws as `readVexSource`, but nothing
 * where a file is missing.
 */
export async function markVexSource(session: Session, source: VexSource): Promise<string> {
  if (source.kind === "document") return source.digest;
  if (source.kind === "feed") return markFeed(session, source.url);
  const index = await readLocalMark(session, source.path);
  return index === undefined ? "" : digestOf(index);
}

const marks = new WeakMap<Memory, Memo<string>>();

/** Asked once an operation: many images may have the same feed. */
function markFeed({ memory, cache, signal }: Session, url: string): Promise<string> {
  const known = marks.get(memory) ?? new Memo<string>();
  marks.set(memory, known);
  return known.run(url, async () => {
    const file = { url: `${url}index.json`, origin: "packageSources" } as const;
    const index = await createFetcher({ cache, signal }).read(file, MAX_FEED_INDEX_BYTES);
    return index === undefined ? "" : digestOf(index);
  });
}

async function readLocalMark({ projectDirectory }: Session, path: string): Promise<Buffer | undefined> {
  const file = resolve(projectDirectory, path);
  const found = await statOf(file);
  const at = found?.isDirectory() === true ? join(file, "index.json") : file;
  const size = (await statOf(at))?.size;
  return size === undefined || size > MAX_FEED_INDEX_BYTES ? undefined : readFile(at);
}

async function read(session: Session, source: VexSource, packages: readonly VexPackage[]): Promise<readonly VexDocument[]> {
  if (source.kind === "document") return [await readDocument(session, source.url, source.digest)];
  if (source.kind === "feed") {
    const fetcher = createFetcher({ cache: session.cache, signal: session.signal });
    const readHttp = (path: string, limit: number): Promise<Buffer | undefined> =>
      fetcher.read({ url: `${source.url}${path.split("/").map(encodeURIComponent).join("/")}`, origin: "packageSources" }, limit);
    return readFeed(source.url, readHttp, packages);
  }
  const file = resolve(session.projectDirectory, source.path);
  const found = await statOf(file);
  if (found === undefined)
    throw new DhiError("not-found", `"${source.path}" does not exist`, { property, hint: "Paths are relative to the Pulumi project" });
  const readLocal = async (path: string, limit: number): Promise<Buffer | undefined> => {
    const at = join(file, path);
    const size = (await statOf(at))?.size;
    if (size === undefined) return undefined;
    if (size > limit) throw new DhiError("limit", `${join(source.path, path)} has ${String(size)} bytes, more than ${String(limit)}`);
    return readFile(at);
  };
  if (found.isDirectory()) return readFeed(source.path, readLocal, packages);
  const bytes = await readLocal("", MAX_VEX_BYTES);
  return [parseVex(bytes ?? Buffer.alloc(0), source.path)];
}

async function readDocument({ cache, signal }: Session, url: string, digest: Digest): Promise<VexDocument> {
  const cached = await cache.read(documents, hexOf(digest));
  if (cached !== undefined && digestOf(cached) === digest) return parseVex(cached, url);
  const bytes = await createFetcher({ cache, signal }).read({ url, origin: "packageSources" }, MAX_VEX_BYTES);
  if (bytes === undefined) throw new DhiError("not-found", `${url} does not exist`);
  const found = digestOf(bytes);
  if (found !== digest) {
    throw new DhiError("mismatch", `${url} has the hash ${hexOf(found)}, not ${hexOf(digest)} as declared`, {
      property,
      hint: "Read what has changed, and declare the new hash if you trust it",
    });
  }
  const document = parseVex(bytes, url);
  await cache.write(documents, hexOf(digest), bytes);
  return document;
}

type ReadFile = (path: string, limit: number) => Promise<Buffer | undefined>;

async function readFeed(feed: string, readOne: ReadFile, packages: readonly VexPackage[]): Promise<readonly VexDocument[]> {
  const index = await readOne("index.json", MAX_FEED_INDEX_BYTES);
  if (index === undefined) throw new DhiError("not-found", `${feed} has no index.json`);
  const wanted = parseFeedIndex(index, `index.json of ${feed}`).documentsFor(packages);
  let total = 0;
  return mapParallel(wanted, jobs, async (path) => {
    const bytes = await readOne(path, MAX_VEX_BYTES);
    total += bytes?.length ?? 0;
    if (total > MAX_FEED_BYTES)
      throw new DhiError(
        "limit",
        `the documents of ${feed} about packages of the image have more than ${String(MAX_FEED_BYTES / 1024 / 1024)} MiB`,
      );
    if (bytes === undefined) throw new DhiError("not-found", `${feed} lists ${path}, which does not exist`);
    return parseVex(bytes, `${path} of ${feed}`);
  });
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new DhiError("invalid", `${path} cannot be read: ${code ?? String(cause)}`, { property, cause });
  }
}

function adviceFor({ kind }: VexSource): string {
  return kind === "file"
    ? "Name a document in OpenVEX, or a folder with an index.json"
    : "Check the URL and the network, or keep a copy beside the program";
}
