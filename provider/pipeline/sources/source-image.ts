import { DhiError, type ErrorOrigin } from "../../errors.js";
import { parseConfig } from "../../image/config.js";
import type { Descriptor } from "../../image/descriptor.js";
import { digestOf, type Digest } from "../../image/digest.js";
import { parseIndex, parseManifest } from "../../image/manifest.js";
import { isIndexType, isManifestType, OCI_CONFIG, OCI_MANIFEST } from "../../image/media-types.js";
import { formatPlatform } from "../../image/platform.js";
import { formatReference, type Repository } from "../../image/reference.js";
import { ownType } from "../../registry/manifests.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { Session } from "../session.js";
import { placesOf } from "./mirrored.js";
import { listImages, nameInner, type OpenManifest, type SourceManifest } from "./source-index.js";

export type { SourceManifest };

/** The image of a base or an artifact. The content for a platform is read on demand. */
export interface SourceImage {
  readonly repository: Repository;
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  /** By platform, `os/arch[/variant]`. Manifest and config are read once, on demand. */
  readonly platforms: ReadonlyMap<string, OpenManifest>;
}

const maximumConfig = 8 * 1024 * 1024;

/**
 * Opens index, manifests and configs of an image: from the cache, which also has images that this operation composed and has not yet
 * published, or else from its repository. A single manifest counts as an index of one. Throws `DhiError` "not-found".
 */
export async function openImage(session: Session, repository: Repository, digest: Digest, origin: ErrorOrigin): Promise<SourceImage> {
  const what = formatReference({ repository, digest });
  const stored = await readManifest(session, repository, digest);
  if (stored === undefined) throw new DhiError("not-found", `${what} does not exist`, { origin, hint: "Mirror or push it first" });
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
  if (!isIndexType(stored.mediaType)) throw notAnImage(what, stored.mediaType, origin);
  const index = parseIndex(stored.bytes, what);
  const platforms = await listImages(index, what, {
    openManifest: async (child) => openManifest(session, repository, child, await readChild(session, repository, child, what), what),
    readIndex: async (child) => parseIndex(await readChild(session, repository, child, what), nameInner(what, child.digest)),
  });
  return { repository, digest, annotations: index.annotations, platforms };
}

function notAnImage(what: string, mediaType: string, origin: ErrorOrigin): DhiError {
  if (mediaType.startsWith("application/vnd.docker.distribution.manifest.v1")) {
    return new DhiError("invalid", `${what} is an image of Docker's schema 1, which is not supported`, {
      origin,
      hint: "Push it again with a newer tool",
    });
  }
  return new DhiError("invalid", `${what} is a ${mediaType}, which is not an image`, { origin });
}

/** The bytes of a child of an index, checked against its descriptor. */
async function readChild(session: Session, repository: Repository, descriptor: Descriptor, what: string): Promise<Buffer> {
  const { digest, mediaType, size } = descriptor;
  const stored = await readManifest(session, repository, digest);
  if (stored === undefined) throw new DhiError("not-found", `${what} lists the manifest ${digest}, which does not exist`);
  if (stored.bytes.length !== size) {
    throw new DhiError("mismatch", `${what} lists ${digest} with ${String(size)} bytes, but it has ${String(stored.bytes.length)}`);
  }
  const [actual, listed] = [stored.mediaType, mediaType].map((type) => (isIndexType(type) ? "an index" : "an image manifest"));
  if (actual !== listed) throw new DhiError("invalid", `${what} lists ${digest} as ${String(listed)}, but it is ${String(actual)}`);
  return stored.bytes;
}

async function openManifest(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  bytes: Buffer,
  what: string,
): Promise<SourceManifest> {
  const manifest = parseManifest(bytes, what);
  if (manifest.config.mediaType.startsWith("application/vnd.") && manifest.config.mediaType !== OCI_CONFIG) {
    throw new DhiError("invalid", `${what} is not a container image: its config has the media type ${manifest.config.mediaType}`);
  }
  const config = parseConfig(await readSmallBlob(session, repository, manifest.config), `the config of ${what}`);
  if (config.diffIds.length !== manifest.layers.length) {
    throw new DhiError("invalid", `${what} has ${String(manifest.layers.length)} layers and ${String(config.diffIds.length)} diffIDs`);
  }
  return { repository, descriptor, manifest, config, notices: [] };
}

/** Reads a manifest from the cache, which is found by digest, or else from its repository. */
export async function readManifest(session: Session, repository: Repository, digest: Digest): Promise<StoredManifest | undefined> {
  const fetch = async () => (await readCachedManifest(session, digest)) ?? fetchManifest(session, repository, digest);
  return (await readCachedManifest(session, digest)) ?? session.cache.exclusively("blobs", digest, session.signal, fetch);
}

async function readCachedManifest(session: Session, digest: Digest): Promise<StoredManifest | undefined> {
  const cached = await readCached(session, digest);
  const mediaType = cached && ownType(cached);
  return cached === undefined || mediaType === undefined ? undefined : { mediaType, digest, bytes: cached };
}

async function fetchManifest(session: Session, repository: Repository, digest: Digest): Promise<StoredManifest | undefined> {
  for (const place of placesOf(session, repository, digest)) {
    const stored = await session.repositories.open(place).getManifest(digest);
    if (stored === undefined) continue;
    await session.cache.writeBlob(stored.bytes);
    return stored;
  }
  return undefined;
}

/** From the repository, else from the one that this operation mirrors it from. */
async function* readStored(session: Session, repository: Repository, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  const places = placesOf(session, repository).map((place) => session.repositories.open(place));
  let at = 0;
  while (at < places.length - 1 && (await places[at]?.hasBlob(descriptor)) === false) at += 1;
  yield* (places[at] ?? session.repositories.open(repository)).readBlob(descriptor);
}

async function readSmallBlob(session: Session, repository: Repository, descriptor: Descriptor): Promise<Buffer> {
  if (descriptor.size > maximumConfig)
    throw new DhiError("limit", `the config ${descriptor.digest} has ${String(descriptor.size)} bytes, beyond ${String(maximumConfig)}`);
  const read = async (): Promise<Buffer | undefined> => {
    const cached = await readCached(session, descriptor.digest);
    // With another size it is fetched, and rejected, as without a cache.
    return cached?.length === descriptor.size ? cached : undefined;
  };
  const fetch = async () => (await read()) ?? fetchSmallBlob(session, repository, descriptor);
  return (await read()) ?? session.cache.exclusively("blobs", descriptor.digest, session.signal, fetch);
}

async function fetchSmallBlob(session: Session, repository: Repository, descriptor: Descriptor): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readStored(session, repository, descriptor)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  await session.cache.writeBlob(bytes);
  return bytes;
}

/** A small blob from the cache; a damaged one counts as missing. */
async function readCached(session: Session, digest: Digest): Promise<Buffer | undefined> {
  const bytes = await session.cache.read("blobs", digest);
  return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
}

/** A blob from the cache, or else from its repository. */
export async function* readBlob(session: Session, repository: Repository, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  yield* (await session.cache.readBlob(descriptor)) ?? readStored(session, repository, descriptor);
}
