import { z } from "zod";
import { DhiError } from "../../errors.js";
import type { LayerCompression } from "../../image/media-types.js";
import { digestSchema } from "../../image/digest.js";
import { readJson } from "../../image/json.js";
import type { LayerEntry } from "../../rootfs/tree/node.js";
import { writeLayer, type WrittenLayer } from "../../rootfs/layers/writer.js";
import type { Session } from "../session.js";
import type { ContentReader } from "./content-reader.js";

/** Folder of the cache: layer key to digest, size and diffID. */
const layers = "layers";
const writtenLayer: z.ZodType<WrittenLayer> = z.object({
  digest: digestSchema,
  size: z.number(),
  diffId: digestSchema,
  uncompressedSize: z.number(),
});

/** The layer to obtain. */
export interface LayerRequest {
  readonly key: string;
  readonly entries: readonly LayerEntry[];
  readonly compression: Exclude<LayerCompression, "none">;
  readonly reader: ContentReader;
}

/** The layer from this operation, from the cache, or written now, also when it was evicted since. Concurrent calls write a key once. */
export async function obtainLayer(session: Session, request: LayerRequest): Promise<WrittenLayer> {
  const { key } = request;
  const { layers: memory } = session.memory;
  const known = memory.get(key);
  if (known !== undefined) {
    const layer = await known;
    if (await isInCache(session, layer)) return layer;
    // Unless another call has begun to write it again.
    memory.delete(key, known);
  }
  return await memory.run(key, () => findOrWrite(session, request));
}

/** Checks only the size; the bytes are verified when they are read. */
export async function isInCache(session: Session, { digest, size }: Pick<WrittenLayer, "digest" | "size">): Promise<boolean> {
  return (await session.cache.readBlob({ digest, size })) !== undefined;
}

async function findOrWrite(session: Session, request: LayerRequest): Promise<WrittenLayer> {
  const cached = await readRecord(session, request.key);
  if (cached !== undefined && (await isInCache(session, cached))) return cached;
  try {
    return await write(session, request);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "mismatch" || !(await request.reader.evict())) throw thrown;
    return await write(session, request);
  }
}

async function write(session: Session, { key, entries, compression, reader }: LayerRequest): Promise<WrittenLayer> {
  const spool = await session.cache.create("blobs");
  try {
    const written = await writeLayer({
      entries,
      read: (content) => reader.read(content),
      compression,
      sink: spool,
      jobs: session.settings.jobs,
      signal: session.signal,
    });
    await spool.commit(written.digest);
    await session.cache.write(layers, key, Buffer.from(JSON.stringify(written)));
    return written;
  } finally {
    await spool.discard();
  }
}

async function readRecord(session: Session, key: string): Promise<WrittenLayer | undefined> {
  const bytes = await session.cache.read(layers, key);
  return bytes && readJson(bytes, writtenLayer);
}
