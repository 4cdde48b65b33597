import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { systemCode } from "../../cache/files.js";
import { asError, cancellation, DhiError } from "../../errors.js";

/** Reads a small file of this machine whole; undefined if it does not exist. */
export async function readLocal(url: URL, limit: number): Promise<Buffer | undefined> {
  const handle = await openLocal(url);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > limit) throw new DhiError("limit", `${url.href} has ${size} bytes: the limit is ${limit}`);
    return await handle.readFile();
  } catch (thrown) {
    throw unreadable(url, thrown);
  } finally {
    await handle.close();
  }
}

/** The first bytes of a file of this machine; undefined if it does not exist. */
export async function readLocalStart(url: URL, length: number): Promise<Buffer | undefined> {
  const handle = await openLocal(url);
  if (handle === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, 0);
    return bytes.subarray(0, bytesRead);
  } catch (thrown) {
    throw unreadable(url, thrown);
  } finally {
    await handle.close();
  }
}

/** Streams a file of this machine. */
export async function* streamLocal(url: URL, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const handle = await openLocal(url);
  if (handle === undefined) throw new DhiError("not-found", `${url.href} does not exist`);
  try {
    yield* createReadStream("", {
      fd: handle,
      highWaterMark: 256 * 1024,
      autoClose: false,
      ...(signal === undefined ? {} : { signal }),
    }) as AsyncIterable<Uint8Array>;
  } catch (thrown) {
    if (signal?.aborted === true) throw cancellation(signal, `was cancelled while reading ${url.href}`);
    throw unreadable(url, thrown);
  } finally {
    await handle.close();
  }
}

async function openLocal(url: URL): Promise<FileHandle | undefined> {
  if (url.host !== "") throw new DhiError("invalid", `${url.href} names a file of the host "${url.host}"`, { hint: "Write file:///path" });
  try {
    return await open(fileURLToPath(url), "r");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR") return undefined;
    throw unreadable(url, thrown);
  }
}

function unreadable(url: URL, thrown: unknown): DhiError {
  return thrown instanceof DhiError
    ? thrown
    : new DhiError("unavailable", `could not read ${url.href}: ${asError(thrown).message}`, { cause: thrown });
}
