import { DhiError } from "../../errors.js";
import { asBuffer } from "../../rootfs/decompress-bytes.js";
import { decoders } from "./xz-pool.js";

/** Bytes of a source that go to a thread at a time. */
const PIECE = 256 * 1024;

/**
 * The decoded bytes of `source`, every stream of it (The .xz File Format, 2), decoded on a thread. Memory stays bounded. There are
 * as many threads as processors, two at most; a caller that holds one stream must not wait for another. Throws `mismatch` when the
 * source is cut off, `invalid` for damage and for what is no xz.
 */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  const decoder = await decoders.take();
  const input = pieces(source);
  let usable = false;
  try {
    for (let answer = await decoder.ask({ kind: "next" }); ;) {
      switch (answer.kind) {
        case "more":
          answer = await decoder.ask({ kind: "input", bytes: (await input.next()).value });
          continue;
        case "output":
          yield asBuffer(answer.bytes);
          answer = await decoder.ask({ kind: "next" });
          continue;
        case "failed":
          usable = true;
          throw answer.code === undefined ? new Error(answer.message) : new DhiError(answer.code, answer.message);
        case "done":
          usable = true;
          return undefined;
      }
    }
  } finally {
    await decoders.giveBack(decoder, usable);
    await input.return(undefined);
  }
}

/** Copies, which a message takes along without what stands around them. */
async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of source) for (let at = 0; at < chunk.length; at += PIECE) yield Uint8Array.from(chunk.subarray(at, at + PIECE));
  return undefined;
}
