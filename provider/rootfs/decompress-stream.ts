import type { Transform } from "node:stream";

/** What became of the input: `left` is what the transform did not want, being at its end. */
export interface Drained {
  readonly fed: number;
  readonly left: Buffer | undefined;
}

/**
 * Feeds a zlib decoder and yields what it makes, both with backpressure. The decoder may end before its input does: the rest of
 * the chunk at hand is the generator's result, and `input` stays where it is.
 */
export async function* throughDecoder(
  decoder: Transform & { readonly bytesWritten: number },
  input: AsyncIterator<Buffer, unknown>,
): AsyncGenerator<Buffer, Drained> {
  let fed = 0;
  let current: Buffer = Buffer.alloc(0);
  let ended = false;
  const decoded = new Promise<void>((resolve) => {
    decoder.once("end", () => {
      ended = true;
      resolve();
    });
    decoder.once("close", resolve);
  });
  const feed = async (): Promise<void> => {
    while (!ended) {
      const next = await input.next();
      if (next.done === true) {
        decoder.end();
        return;
      }
      current = next.value;
      fed += current.length;
      // A decoder that has reached its end never calls back.
      await Promise.race([decoded, new Promise((resolve) => decoder.write(current, resolve))]);
      if (decoder.destroyed && !ended) return;
    }
  };
  const feeding = feed().catch((thrown: unknown) => {
    decoder.destroy(thrown as Error);
  });
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
    ended = true;
    await feeding;
  } finally {
    decoder.destroy();
  }
  const unused = fed - decoder.bytesWritten;
  return { fed, left: unused > 0 ? current.subarray(current.length - unused) : undefined };
}
