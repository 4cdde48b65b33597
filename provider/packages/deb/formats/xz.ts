import { XzReadableStream } from "xz-decompress";
import { DhiError } from "../../../errors.js";
import { asBuffer, DECODED_CHUNK } from "../../../rootfs/compression/decompress-bytes.js";
import { releaseBuffer } from "../../../rootfs/compression/release-bytes.js";

/**
 * The decoded bytes of `source`: every stream, with padding between them (The .xz File Format, 2). A thread decodes one stream
 * at a time: a holder of one must not wait for another. Throws `DhiError` "mismatch" for a truncated source, "invalid" for damaged or other data, "limit".
 */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  const input = filled(source);
  let failure: { readonly thrown: unknown } | undefined;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      const piece = first ?? (await input.next()).value;
      first = undefined;
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    } catch (thrown) {
      failure = { thrown };
      controller.error(thrown);
    }
  };
  let first = (await input.next()).value;
  if (first === undefined) throw new DhiError("mismatch", "the xz data is truncated");
  const stream = new XzReadableStream(new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 }));
  try {
    yield* gathered(stream);
  } catch (thrown) {
    throw failure === undefined ? decodingError(thrown) : failure.thrown;
  } finally {
    await input.return(undefined);
  }
  return undefined;
}

async function* filled(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of source) if (chunk.length > 0) yield chunk;
  return undefined;
}

/** Larger pieces: the decoder returns 64 KiB at most. */
async function* gathered(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    pieces.push(asBuffer(chunk));
    length += chunk.length;
    if (length < DECODED_CHUNK) continue;
    const whole = Buffer.concat(pieces, length);
    // Slices of the decoder's memory, each copied.
    for (const { buffer } of pieces) releaseBuffer(buffer, false);
    yield whole;
    pieces = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(pieces, length);
  return undefined;
}

/** By xz-embedded's `enum xz_ret`, which is part of the decoder's message. */
function decodingError(thrown: unknown): unknown {
  const code = thrown instanceof Error ? /error code ([0-9])$/.exec(thrown.message)?.[1] : undefined;
  switch (code) {
    case undefined:
      return thrown;
    case "3":
    case "4":
      return new DhiError("limit", "the xz data needs a dictionary of more than 64 MiB", { cause: thrown });
    case "2":
    case "6":
      return new DhiError("invalid", "the xz data has a filter other than LZMA2, or SHA-256 checks: neither is supported", {
        cause: thrown,
      });
    case "5":
      return new DhiError("invalid", "it, or what follows it, is not xz data", { cause: thrown });
    case "8":
      return new DhiError("mismatch", "the xz data is truncated", { cause: thrown });
    default:
      return new DhiError("invalid", "the xz data is damaged", { cause: thrown });
  }
}
