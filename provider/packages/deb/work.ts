import type { ErrorCode, ErrorOrigin } from "../../errors.js";
import { asError, DhiError } from "../../errors.js";
import { indexIntoCache, type IndexJob } from "./archive/index-job.js";
import { unpackIntoCache, type UnpackJob } from "./install/unpack-job.js";

/** Work for a thread: it takes much memory while it runs and leaves its outcome in the cache. */
export type Job = IndexJob | UnpackJob;

/** How it ended; a failure without a code is a bug in pulumi-dhi. */
export type Outcome = { readonly kind: "done"; /** Bytes that the thread holds now. */ readonly heap: number } | Failure;

interface Failure {
  readonly kind: "failed";
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly origin: ErrorOrigin | undefined;
  readonly hint: string | undefined;
}

export async function runJob(job: Job): Promise<void> {
  await (job.kind === "index" ? indexIntoCache(job) : unpackIntoCache(job));
}

export function describeFailure(thrown: unknown): Failure {
  const { message } = asError(thrown);
  const { code, origin, hint } = thrown instanceof DhiError ? thrown : {};
  return { kind: "failed", code, message, origin, hint };
}

export function failureOf({ code, message, origin, hint }: Failure): Error {
  return code === undefined ? new Error(message) : new DhiError(code, message, { origin, hint });
}
