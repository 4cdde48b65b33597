import { DhiError, type ErrorOrigin } from "../../errors.js";
import { parseConfig, type ImageConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import { digestOf, type Digest } from "../../image/digest.js";
import { parseIndex, parseManifest, platformManifests, type Manifest } from "../../image/manifest.js";
import { isIndexType, isManifestType, OCI_MANIFEST } from "../../image/media-types.js";
import { formatPlatform } from "../../image/platform.js";
import { formatReference, type Repository } from "../../image/reference.js";
import { parseObject } from "../../image/json.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { Session } from "../session.js";

/** An image as it is found: a base or an artifact. What it holds for a platform is read when it is asked for. */
export interface SourceImage {
  readonly repository: Repository;
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  /** By platform, `os/arch[/variant]`; manifest and config are read when they are asked for, once. */
  readonly platforms: ReadonlyMap<string, () => Promise<SourceManifest>>;
}

export interface SourceManifest {
  readonly repository: Repository;
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}

const maximumConfig = 8 * 1024 * 1024;

/**
 * Index, manifests and configs of an image; from the cache, where what this operation composed is found before any
 * registry has it, else from its repository. A single manifest is an index of one. Throws `DhiError` "not-found".
 */
export async function openImage(session: Session, repository: Repository, digest: Digest, origin: ErrorOrigin): Promise<SourceImage> {
  const what = formatReference({ repository, digest });
  const stored = await readManifest(session, repository, digest);
  if (stored === undefined) throw new DhiError("not-found", `${what} is not there`, { origin, hint: "Mirror or push it first" });
  if (isManifestType(stored.mediaType)) {
    const descriptor = { mediaType: OCI_MANIFEST, digest, size: stored.bytes.length };
    const source = await openManifest(session, repository, descriptor, stored.bytes, what);
    return {
      repository,
      digest,
      annotations: {},
      platforms: new Map([[formatPlatform(source.config.platform), () => Promise.resolve(source)]]),
    };
  }
  if (!isIndexType(stored.mediaType)) throw new DhiError("invalid", `${what} is a ${stored.mediaType}, no image`, { origin });
  const index = parseIndex(stored.bytes, what);
  const platforms = new Map<string, () => Promise<SourceManifest>>();
  for (const descriptor of platformManifests(index)) {
    const open = once(() => openChild(session, repository, descriptor, what));
    platforms.set(formatPlatform(descriptor.platform ?? (await open()).config.platform), open);
  }
  return { repository, digest, annotations: index.annotations, platforms };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

async function openChild(session: Session, repository: Repository, descriptor: Descriptor, what: string): Promise<SourceManifest> {
  const stored = await readManifest(session, repository, descriptor.digest);
  if (stored === undefined) throw new DhiError("not-found", `${what} lists the manifest ${descriptor.digest}, which is not there`);
  return openManifest(session, repository, descriptor, stored.bytes, what);
}

async function openManifest(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  bytes: Buffer,
  what: string,
): Promise<SourceManifest> {
  const manifest = parseManifest(bytes, what);
  const config = parseConfig(await readSmallBlob(session, repository, manifest.config), `the config of ${what}`);
  if (config.diffIds.length !== manifest.layers.length) {
    throw new DhiError("invalid", `${what} has ${String(manifest.layers.length)} layers and ${String(config.diffIds.length)} diffIDs`);
  }
  return { repository, descriptor, manifest, config };
}

/** By digest, so a cached copy is as good as the original. */
export async function readManifest(session: Session, repository: Repository, digest: Digest): Promise<StoredManifest | undefined> {
  const cached = await readCached(session, digest);
  if (cached !== undefined) {
    const mediaType = parseObject(cached, digest)["mediaType"];
    if (typeof mediaType === "string") return { mediaType, digest, bytes: cached };
  }
  const stored = await session.repositories.open(repository).getManifest(digest);
  if (stored !== undefined) await session.cache.writeBlob(stored.bytes);
  return stored;
}

async function readSmallBlob(session: Session, repository: Repository, descriptor: Descriptor): Promise<Buffer> {
  if (descriptor.size > maximumConfig)
    throw new DhiError("limit", `the config ${descriptor.digest} has ${String(descriptor.size)} bytes, beyond ${String(maximumConfig)}`);
  const cached = await readCached(session, descriptor.digest);
  if (cached !== undefined) return cached;
  const chunks: Uint8Array[] = [];
  for await (const chunk of session.repositories.open(repository).readBlob(descriptor)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  await session.cache.writeBlob(bytes);
  return bytes;
}

/** A small blob whole; one that the disk has damaged counts as lost. */
async function readCached(session: Session, digest: Digest): Promise<Buffer | undefined> {
  const bytes = await session.cache.read("blobs", digest);
  return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
}

/** A blob from the cache, else from its repository. */
export async function* readBlob(session: Session, repository: Repository, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  yield* (await session.cache.readBlob(descriptor)) ?? session.repositories.open(repository).readBlob(descriptor);
}
