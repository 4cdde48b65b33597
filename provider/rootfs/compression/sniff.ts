import type { LayerCompression } from "../../image/media-types.js";
import { hasChecksum, isZeroBlock } from "../tar/header.js";
import { BLOCK } from "../tar/limits.js";

/** Number of first bytes that show how a layer is compressed. */
const SNIFFED = BLOCK;

/** The format that the bytes begin with: RFC 1952, 2.3.1; RFC 8878, 3.1.1 and 3.1.2; a tar header. Undefined for none of these. */
function sniff(bytes: Buffer): LayerCompression | undefined {
  // A tar whose first name begins like one of the others is still a tar, as its checksum shows.
  if (bytes.length >= BLOCK && (hasChecksum(bytes, 0) || isZeroBlock(bytes, 0))) return "none";
  if (bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8) return "gzip";
  const magic = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? "zstd" : undefined;
}

export interface SniffedBlob {
  /** Undefined when the first bytes match no known format. */
  readonly compression: LayerCompression | undefined;
  /** All bytes, including those that were inspected. */
  readonly bytes: AsyncGenerator<Buffer>;
}

/** Inspects the first bytes of a blob: some builders label layers with the wrong media type, and runtimes go by the bytes. */
export async function sniffCompression(source: AsyncGenerator<Buffer>): Promise<SniffedBlob> {
  const head: Buffer[] = [];
  let length = 0;
  while (length < SNIFFED) {
    const next = await source.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  const bytes = async function* (): AsyncGenerator<Buffer> {
    yield* head;
    yield* source;
  };
  return { compression: sniff(Buffer.concat(head, length)), bytes: bytes() };
}
