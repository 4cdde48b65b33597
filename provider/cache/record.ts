import { createHash, hash } from "node:crypto";

/** Begins every small file of the cache but blobs, which their own digest checks; the number changes with this format. */
const MAGIC = Buffer.from("dhi record 1\n", "latin1");
const SUM = 32;

/** What stands before a record on disk: a checksum, since a machine that stops may leave part of a file, or zeros. */
export function recordHead(pieces: readonly Uint8Array[]): Buffer {
  const sum = createHash("sha256");
  for (const piece of pieces) sum.update(piece);
  return Buffer.concat([MAGIC, sum.digest()]);
}

/** The record behind its head; undefined for a damaged file, and for one without checksum of a release before this format. */
export function openRecord(file: Buffer): Buffer | undefined {
  const bytes = file.subarray(MAGIC.length + SUM);
  const isWhole =
    file.subarray(0, MAGIC.length).equals(MAGIC) && hash("sha256", bytes, "buffer").equals(file.subarray(MAGIC.length, MAGIC.length + SUM));
  return isWhole ? bytes : undefined;
}
