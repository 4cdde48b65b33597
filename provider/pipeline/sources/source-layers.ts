import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import { hexOf, type Digest } from "../../image/digest.js";
import { layerCompression, type LayerCompression } from "../../image/media-types.js";
import type { Repository } from "../../image/reference.js";
import { keepOfBase } from "../../packages/root/kept-files.js";
import { FlattenedImage } from "../../rootfs/tree/flatten.js";
import { checkLayer, decodeLayerIndex, encodeLayerIndex, indexLayer } from "../../rootfs/layers/index-layer.js";
import type { LayerIndex } from "../../rootfs/tree/node.js";
import { inTurns } from "../../rootfs/steps.js";
import { formatSize } from "../../text/format-size.js";
import type { ResourceLog, Session } from "../session.js";
import type { Notice } from "../notice.js";
import { readBlob, type SourceManifest } from "./source-image.js";
import { labelNotices, type SourceTree } from "./source-tree.js";
import { tars, withinBound, type UnpackBound } from "./unpack-bound.js";

/** Folder of the cache. */
const indexes = "layer-indexes-3";

/**
 * The root filesystem of an image. `spool` keeps the uncompressed layers in the cache, so that file content can be read from them.
 * Calls for the same layers share one tree: fork it before writing.
 */
export function readTree(session: Session, source: SourceManifest, spool: boolean, log: ResourceLog): Promise<SourceTree> {
  const stated = source.manifest.layers.map(({ digest, size, mediaType }) => [digest, size, mediaType]);
  const key = JSON.stringify([spool, stated, source.config.diffIds]);
  return session.memory.trees.run(key, () => withinBound(session, source, spool, (bound) => flattenSource(session, source, bound, log)));
}

async function flattenSource(
  session: Session,
  source: SourceManifest,
  spool: UnpackBound | undefined,
  log: ResourceLog,
): Promise<SourceTree> {
  const image = new FlattenedImage();
  const notices: Notice[] = [];
  for (const [at, descriptor] of source.manifest.layers.entries()) {
    const diffId = source.config.diffIds[at];
    if (diffId === undefined) continue;
    const index = await readLayerIndex(session, source.repository, descriptor, diffId, spool, log);
    notices.push(...labelNotices(source.repository, descriptor, index));
    await inTurns(image.apply(index.entries), session.signal);
  }
  return { tree: image.tree, notices };
}

async function readLayerIndex(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  diffId: Digest,
  spool: UnpackBound | undefined,
  log: ResourceLog,
): Promise<LayerIndex> {
  compressionOf(descriptor);
  const { cache, signal } = session;
  const read = (): Promise<LayerIndex | undefined> => readCachedIndex(session, descriptor, diffId, spool !== undefined);
  const unpack = async () => (await read()) ?? unpackLayer(session, repository, descriptor, diffId, spool, log);
  return (await read()) ?? cache.exclusively(indexes, hexOf(descriptor.digest), signal, unpack);
}

/** Undefined where the cache lacks it, or, with `spooled`, the uncompressed tar that belongs to it. */
async function readCachedIndex(
  { cache, signal }: Session,
  descriptor: Descriptor,
  diffId: Digest,
  spooled: boolean,
): Promise<LayerIndex | undefined> {
  const key = hexOf(descriptor.digest);
  const cached = await cache.read(indexes, key);
  const isUsable = cached !== undefined && (!spooled || (await cache.path(tars, key)) !== undefined);
  const known = isUsable ? await decodeIfValid(cached, signal) : undefined;
  if (known !== undefined) checkLayer(known, descriptor, diffId);
  return known;
}

function compressionOf({ digest, mediaType }: Descriptor): LayerCompression {
  const compression = layerCompression(mediaType);
  if (compression !== undefined) return compression;
  throw new DhiError("invalid", `the layer ${digest} is a ${mediaType}, which is not a supported layer`, {
    hint: "Layers are tar, tar+gzip or tar+zstd",
  });
}

/** Undefined for an index that is damaged or from another release, which is then built again. */
async function decodeIfValid(bytes: Buffer, signal: AbortSignal): Promise<LayerIndex | undefined> {
  try {
    return await inTurns(decodeLayerIndex(bytes), signal);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "invalid") return undefined;
    throw thrown;
  }
}

/** Reads a layer once, verifies it, and stores its index in the cache; with `spool`, its uncompressed tar as well. */
async function unpackLayer(
  session: Session,
  repository: Repository,
  descriptor: Descriptor,
  diffId: Digest | undefined,
  spool: UnpackBound | undefined,
  log: ResourceLog,
): Promise<LayerIndex> {
  const key = hexOf(descriptor.digest);
  const writer = await spool?.create(descriptor.digest);
  try {
    const index = await indexLayer({
      source: reportProgress(readBlob(session, repository, descriptor), descriptor, log),
      compression: compressionOf(descriptor),
      descriptor,
      diffId,
      keep: keepOfBase,
      signal: session.signal,
      ...(writer === undefined ? {} : { spool: (chunk: Buffer) => writer.write(chunk) }),
    });
    await writer?.commit();
    await session.cache.write(indexes, key, ...(await encodeLayerIndex(index)));
    return index;
  } finally {
    await writer?.discard();
  }
}

/** The path of a layer's uncompressed tar, which is unpacked again when it was evicted from the cache. */
export async function spooledTar(session: Session, source: SourceManifest, descriptor: Descriptor, log: ResourceLog): Promise<string> {
  const key = hexOf(descriptor.digest);
  const path = await session.cache.path(tars, key);
  if (path !== undefined) return path;
  await withinBound(session, source, true, (bound) => unpackLayer(session, source.repository, descriptor, undefined, bound, log));
  const made = await session.cache.path(tars, key);
  if (made === undefined)
    throw new DhiError("unavailable", `the layer ${descriptor.digest} was evicted from the cache while it was in use`, {
      hint: "Give the cache more room",
    });
  return made;
}

/** Size in bytes from which progress is shown for a layer. */
export const bigLayer = 8 * 1024 * 1024;

async function* reportProgress(
  source: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  log: ResourceLog,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    read += chunk.length;
    if (size > bigLayer) log.progress(`reading layer ${digest.slice(7, 19)}: ${formatSize(read)} of ${formatSize(size)}`);
    yield chunk;
  }
}
