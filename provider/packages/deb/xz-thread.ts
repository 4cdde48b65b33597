import type { MessagePort } from "node:worker_threads";
import { parentPort } from "node:worker_threads";
import { asError, DhiError } from "../../errors.js";
import { decodeXz } from "./xz-decode.js";
import type { FromDecoder, ToDecoder } from "./xz-messages.js";

/** Answers questions: decodes one stream after the other, no faster than it is asked. */
function serve(port: MessagePort): void {
  let give: (bytes: Uint8Array | undefined) => void = () => undefined;
  let decoded: AsyncGenerator<Buffer, undefined> | undefined;

  async function* source(): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const bytes = await new Promise<Uint8Array | undefined>((resolve) => {
        give = resolve;
        port.postMessage({ kind: "more" } satisfies FromDecoder);
      });
      if (bytes === undefined) return undefined;
      yield bytes;
    }
  }

  async function next(): Promise<FromDecoder> {
    try {
      decoded ??= decodeXz(source());
      const { value } = await decoded.next();
      if (value !== undefined) return { kind: "output", bytes: value };
      decoded = undefined;
      return { kind: "done" };
    } catch (thrown) {
      decoded = undefined;
      const { message } = asError(thrown);
      return { kind: "failed", code: thrown instanceof DhiError ? thrown.code : undefined, message };
    }
  }

  port.on("message", (message: ToDecoder) => {
    if (message.kind === "input") give(message.bytes);
    else void next().then((answer) => port.postMessage(answer, ownBytes(answer)));
  });
}

/** What need not be copied: small buffers share their bytes with others. */
function ownBytes(answer: FromDecoder): readonly ArrayBuffer[] {
  if (answer.kind !== "output" || answer.bytes.byteLength !== answer.bytes.buffer.byteLength) return [];
  return answer.bytes.buffer instanceof ArrayBuffer ? [answer.bytes.buffer] : [];
}

if (parentPort !== null) serve(parentPort);
