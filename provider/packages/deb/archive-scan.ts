import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { DhiError, type ErrorCode } from "../../errors.js";
import { InTurn } from "../fetch-limits.js";
import { PackageIndex } from "./package-index.js";

/** Bytes from which on a file is worth a thread of its own. */
const LARGE = 4 * 1024 * 1024;

export interface ScanRequest {
  readonly file: string;
  readonly what: string;
}

export type ScanAnswer =
  | { readonly kind: "table"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly code: ErrorCode | undefined; readonly message: string };

const turns = new InTurn();

/**
 * The table of a Packages file of `size` bytes, for `PackageIndex.decode`. Large ones are read in a thread, whose memory goes
 * with it, and one at a time. Throws as `PackageIndex.scan` does.
 */
export async function scanFile(file: string, size: number, what: string): Promise<Buffer> {
  if (size < LARGE) return PackageIndex.scan(await readFile(file), what).encode();
  return await turns.run(() => scanInThread({ file, what }));
}

async function scanInThread(request: ScanRequest): Promise<Buffer> {
  const worker = new Worker(require.resolve("./archive-scan-thread.js"), {
    workerData: request,
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  try {
    const answer = await new Promise<ScanAnswer>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject);
      worker.once("exit", () => {
        reject(new Error("a thread that reads a package index has ended"));
      });
    });
    if (answer.kind === "table") return Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength);
    throw answer.code === undefined ? new Error(answer.message) : new DhiError(answer.code, answer.message);
  } finally {
    await worker.terminate();
  }
}
