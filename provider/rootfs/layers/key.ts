import { createHash } from "node:crypto";
import { COMPRESSION_LEVEL } from "../compression/compress.js";
import type { Compression } from "../compression/compress.js";
import type { LayerEntry } from "../tree/node.js";

/** Version of the byte layout of layers: order of fields, padding, segments, levels. Changing it changes every digest. */
export const LAYOUT_VERSION = 1;

/** Characters that are hashed at a time. */
const BATCH = 64 * 1024;

/**
 * A hash (sha256, 64 hexadecimal digits) of everything that determines a layer's bytes, apart from the codec: the entries in order
 * with all their fields and the digests of their content, the compression, and `LAYOUT_VERSION`. No content is read.
 */
export function layerKey(entries: readonly LayerEntry[], compression: Compression): string {
  const hash = createHash("sha256");
  let batch = `${JSON.stringify(["layer", LAYOUT_VERSION, compression, COMPRESSION_LEVEL[compression]])}\n`;
  for (const entry of entries) {
    batch += keyLine(entry);
    if (batch.length < BATCH) continue;
    hash.update(batch);
    batch = "";
  }
  return hash.update(batch).digest("hex");
}

/** One line of JSON: unambiguous, as JSON escapes newlines. */
function keyLine(entry: LayerEntry): string {
  if ("link" in entry) return `${JSON.stringify([entry.path, "link", entry.link])}\n`;
  const { path, node } = entry;
  const { type, mode, uid, gid, mtime, nanoseconds, content, target, device } = node;
  const pax = Object.entries(node.pax).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify([
    path,
    type,
    mode,
    uid,
    gid,
    mtime,
    nanoseconds,
    content?.digest ?? null,
    content?.size ?? null,
    target ?? null,
    device === undefined ? null : [device.major, device.minor],
    pax,
  ])}\n`;
}
