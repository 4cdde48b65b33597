import { createHash } from "node:crypto";
import type { Cache } from "../../../cache/cache.js";
import { DhiError } from "../../../errors.js";
import { ByteReader, ByteWriter } from "../../../rootfs/layers/index-bytes.js";
import { seal, unseal } from "../../../rootfs/layers/sealed.js";
import type { Verified } from "./signature.js";

/** Folder of the cache: results of verification, by all inputs of it. */
const kind = "verified-releases";
/** Starts every file; the last character is the version, which changes with the format and with what counts as a good signature. */
const MAGIC = "dhi verified release 1";

export interface Signed {
  /** InRelease, or Release. */
  readonly bytes: Buffer;
  /** Release.gpg; undefined for InRelease, which is signed within. */
  readonly signature?: Buffer | undefined;
  readonly keys: readonly (string | Buffer)[];
}

/**
 * The result of `verify` for exactly these bytes and keys, computed once per cache: verifying takes longer than resolving. Only good
 * signatures that do not expire are remembered; `Valid-Until` is checked elsewhere.
 */
export async function rememberVerified(cache: Cache, signed: Signed, verify: () => Promise<Verified>): Promise<Verified> {
  const key = keyOf(signed);
  const known = decodeOrForget(await cache.read(kind, key), signed);
  if (known !== undefined) return known;
  const verified = await verify();
  if (verified.lasting) await cache.write(kind, key, encode(verified, signed));
  return verified;
}

/** Each part prefixed with its length, so that different lists of parts never have the same key. */
function keyOf({ bytes, signature, keys }: Signed): string {
  const hash = createHash("sha256").update(MAGIC);
  const add = (what: string, part: Buffer): void => void hash.update(` ${what} ${part.length} `).update(part);
  add("release", bytes);
  if (signature !== undefined) add("signature", signature);
  for (const key of keys) add(typeof key === "string" ? "text" : "keyring", Buffer.from(key));
  return hash.digest("hex");
}

function encode({ text, fingerprints }: Verified, { signature }: Signed): Buffer {
  const writer = new ByteWriter();
  writer.number(fingerprints.length);
  for (const fingerprint of fingerprints) writer.text(fingerprint);
  // A detached signature covers the file unchanged.
  const own = signature === undefined ? text : Buffer.alloc(0);
  writer.number(own.length);
  writer.bytes(own);
  return seal(MAGIC, writer.finish());
}

function decodeOrForget(file: Buffer | undefined, { bytes, signature }: Signed): Verified | undefined {
  if (file === undefined) return undefined;
  try {
    const reader = new ByteReader(unseal(MAGIC, file, "record of a release"));
    const fingerprints = Array.from({ length: reader.number() }, () => reader.text());
    const text = reader.bytes(reader.number());
    return fingerprints.length === 0 ? undefined : { text: signature === undefined ? text : bytes, fingerprints, lasting: true };
  } catch (thrown) {
    if (thrown instanceof DhiError || thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}
