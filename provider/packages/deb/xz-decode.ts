import { XzReadableStream } from "xz-decompress";
import { asError, DhiError } from "../../errors.js";
import { asBuffer, DECODED_CHUNK } from "../../rootfs/decompress-bytes.js";
import { findStreamEnd, HEADER, isStreamHeader } from "./xz-frame.js";

/** What the decoder takes at a time; less than its buffer, so that it never holds two pieces. */
const FED = 32 * 1024;

/**
 * The decoded bytes of `source`: every stream, with padding between them (The .xz File Format, 2). In this thread, one call at a time.
 * Throws `mismatch` when the source is cut off, `invalid` for damage and for what is no xz.
 */
export async function* decodeXz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  const input = new Input(source);
  try {
    let streams = 0;
    for (;;) {
      const start = await input.peek(HEADER);
      if (start.length === 0 && streams > 0) return undefined;
      if (start.length < HEADER) {
        if (streams > 0 && start.every((byte) => byte === 0) && start.length % 4 === 0) return undefined;
        throw cutOff();
      }
      if (streams > 0 && start.readUInt32LE(0) === 0) {
        input.skip(4);
        continue;
      }
      if (!isStreamHeader(start, 0))
        throw new DhiError("invalid", streams === 0 ? "it is no xz data" : "something that is no xz stream follows the xz data");
      yield* decodeStream(input, Buffer.from(start.subarray(6, 8)));
      streams += 1;
    }
  } finally {
    await input.close();
  }
}

async function* decodeStream(input: Input, flags: Buffer): AsyncGenerator<Buffer, undefined> {
  const fed: { before: number; last: Buffer; kept: Buffer } = { before: 0, last: Buffer.alloc(0), kept: Buffer.alloc(0) };
  let failure: Error | undefined;
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      const piece = await input.take(FED);
      // The decoder asks for more while it still has output: only its own failure tells that bytes are missing.
      if (piece.length === 0) {
        failure = cutOff();
        controller.close();
        return;
      }
      const recent = Buffer.concat([fed.kept, fed.last]);
      fed.kept = recent.subarray(Math.max(0, recent.length - HEADER));
      fed.before += fed.last.length;
      fed.last = piece;
      controller.enqueue(piece);
    } catch (thrown) {
      failure = asError(thrown);
      controller.error(thrown);
    }
  };
  const stream = new XzReadableStream(new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 }));
  const gathered = new Gatherer();
  try {
    for await (const chunk of stream) yield* gathered.add(asBuffer(chunk));
  } catch (thrown) {
    throw failure ?? new DhiError("invalid", "the xz data is damaged", { cause: thrown });
  }
  yield* gathered.rest();
  const tail = Buffer.concat([fed.kept, fed.last]);
  const end = findStreamEnd(tail, fed.kept.length, fed.before - fed.kept.length, flags);
  if (end === undefined) throw new DhiError("invalid", "the xz data is damaged: its stream has no footer");
  input.unread(tail.subarray(end));
  return undefined;
}

/** Makes pieces of a good size of small ones. */
class Gatherer {
  #pieces: Buffer[] = [];
  #length = 0;

  *add(piece: Buffer): Generator<Buffer> {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length >= DECODED_CHUNK) yield* this.rest();
  }

  *rest(): Generator<Buffer> {
    if (this.#length > 0) yield Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
  }
}

/** Bytes that can be looked at before they are taken. */
class Input {
  readonly #source: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);
  #done = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, fewer only at the end. */
  async peek(length: number): Promise<Buffer> {
    while (this.#buffer.length < length && !this.#done) {
      const next = await this.#source.next();
      if (next.done === true) this.#done = true;
      else this.#buffer = this.#buffer.length === 0 ? asBuffer(next.value) : Buffer.concat([this.#buffer, next.value]);
    }
    return this.#buffer.subarray(0, length);
  }

  skip(length: number): void {
    this.#buffer = this.#buffer.subarray(length);
  }

  /** Some bytes, `limit` at most; none at the end. */
  async take(limit: number): Promise<Buffer> {
    const taken = (await this.peek(1)).length === 0 ? this.#buffer : this.#buffer.subarray(0, limit);
    this.skip(taken.length);
    return taken;
  }

  unread(bytes: Buffer): void {
    this.#buffer = bytes.length === 0 ? this.#buffer : Buffer.concat([bytes, this.#buffer]);
  }

  async close(): Promise<void> {
    if (!this.#done) await this.#source.return?.();
  }
}

function cutOff(): DhiError {
  return new DhiError("mismatch", "the xz data is cut off");
}
