import type { Transform } from "node:stream";

/** How the input ended: `left` is what the decoder did not consume because it had reached its end. */
export interface Drained {
  readonly fed: number;
  readonly left: Buffer | undefined;
}

/**
 * Feeds a zlib decoder and yields its output, both with backpressure. The decoder may end before its input does: the rest of
 * the current chunk is the generator's result, and the rest of `input` is not read.
 */
export async function* throughDecoder(
  decoder: Transform & { readonly bytesWritten: number },
  input: AsyncIterator<Buffer, unknown>,
): AsyncGenerator<Buffer, Drained> {
  let fed = 0;
  let current: Buffer = Buffer.alloc(0);
  const state = { ended: false, wake: (): void => undefined };
  const end = (): void => {
    state.ended = true;
    state.wake();
  };
  decoder.once("end", end).once("close", end);
  const feed = async (): Promise<void> => {
    while (!state.ended) {
      const next = await input.next();
      if (next.done === true) {
        decoder.end();
        return;
      }
      current = next.value;
      fed += current.length;
      await new Promise<void>((resolve) => {
        // A decoder that has reached its end never calls back.
        state.wake = resolve;
        decoder.write(current, () => {
          resolve();
        });
      });
    }
  };
  const feeding = feed().catch((thrown: unknown) => {
    decoder.destroy(thrown as Error);
  });
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
    end();
    await feeding;
  } finally {
    decoder.destroy();
  }
  const unused = fed - decoder.bytesWritten;
  return { fed, left: unused > 0 ? current.subarray(current.length - unused) : undefined };
}
