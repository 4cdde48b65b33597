import type { LayerCompression } from "../../image/media-types.js";
import { asBuffer } from "./decompress-bytes.js";
import { gunzip } from "./gzip.js";
import { unzstd } from "./zstd.js";

/**
 * The decoded bytes of `source`, read to its last byte: every gzip member (RFC 1952, 2.2), every zstd frame (RFC 8878, 3).
 * Memory stays bounded whatever the sizes. Throws `DhiError` "mismatch" when the source is truncated, "invalid" for damaged data and
 * for bytes that are not part of a member or frame; zeros after the last gzip member are padding.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>, compression: LayerCompression): AsyncGenerator<Buffer> {
  switch (compression) {
    case "gzip":
      yield* gunzip(source);
      return;
    case "zstd":
      yield* unzstd(source);
      return;
    case "none":
      for await (const chunk of source) yield asBuffer(chunk);
  }
}
