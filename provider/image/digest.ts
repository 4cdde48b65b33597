import { createHash, type Hash } from "node:crypto";
import { z } from "zod";

/** `sha256:` and 64 lower-case hexadecimal digits (OCI image spec, descriptor.md, "Digests"). */
export type Digest = `sha256:${string}`;

const pattern = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && pattern.test(text);
}

export const digestSchema = z.custom<Digest>(isDigest, "is not a SHA-256 digest");

export function digestOf(bytes: Uint8Array | string): Digest {
  return digestFrom(createHash("sha256").update(bytes));
}

export function digestFrom(hash: Hash): Digest {
  return `sha256:${hash.digest("hex")}`;
}

/** The 64 digits without the algorithm, for file names. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/** For people: `sha256:` and the first 12 hexadecimal digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}
