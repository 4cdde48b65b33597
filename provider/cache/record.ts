import { createHash, hash } from "node:crypto";

/** The first bytes of every small file of the cache except blobs, whose own digest is the check; the number is the format's version. */
const MAGIC = Buffer.from("dhi record 1\n", "latin1");
const SUM = 32;

/** The header of a record on disk: a checksum, since a crash may leave a file that is incomplete or full of zeros. */
export function recordHead(pieces: readonly Uint8Array[]): Buffer {
  const sum = createHash("sha256");
  for (const piece of pieces) sum.update(piece);
  return Buffer.concat([MAGIC, sum.digest()]);
}

/** The record after its header; undefined for a damaged file, and for one without a checksum, of a release before this format. */
export function openRecord(file: Buffer): Buffer | undefined {
  const bytes = file.subarray(MAGIC.length + SUM);
  const isWhole =
    file.subarray(0, MAGIC.length).equals(MAGIC) && hash("sha256", bytes, "buffer").equals(file.subarray(MAGIC.length, MAGIC.length + SUM));
  return isWhole ? bytes : undefined;
}
