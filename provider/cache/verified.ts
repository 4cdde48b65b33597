import { createHash } from "node:crypto";
import { digestFrom } from "../image/digest.js";
import type { Descriptor } from "../image/descriptor.js";
import { DhiError } from "../errors.js";

/** Yields the same bytes; throws `DhiError` "mismatch" when their size or digest is not the descriptor's. `where` names their source. */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  descriptor: Pick<Descriptor, "digest" | "size">,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > descriptor.size) throw mismatch(descriptor, where, `it has more than the expected ${descriptor.size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== descriptor.size) throw mismatch(descriptor, where, `it has ${size} bytes instead of ${descriptor.size}`);
  const found = digestFrom(hash);
  if (found !== descriptor.digest) throw mismatch(descriptor, where, `its bytes have the digest ${found}`);
}

function mismatch(descriptor: Pick<Descriptor, "digest">, where: string, what: string): DhiError {
  return new DhiError("mismatch", `blob ${descriptor.digest} from ${where} is damaged: ${what}`, {
    hint: "Push or mirror the image again",
  });
}
