import { createPrivateKey, scrypt, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { DhiError } from "../../errors.js";
import { parseJson } from "../../image/json.js";
import { openSecretbox, SECRETBOX_KEY, SECRETBOX_NONCE } from "./secretbox.js";

/** What scrypt may need: cosign takes 64 MiB (N 65536, r 8), and a key with more is not one of cosign's. */
export const SCRYPT_MEMORY = 256 * 1024 * 1024;

const bytes = z.base64().transform((text) => Buffer.from(text, "base64"));
const power = z
  .int()
  .min(2)
  .refine((value) => Number.isInteger(Math.log2(value)), "is not a power of two");

// secure-systems-lab/go-securesystemslib, encrypted/encrypted.go.
const schema = z.object({
  kdf: z.object({
    name: z.literal("scrypt"),
    params: z.object({ N: power, r: z.int().min(1), p: z.int().min(1).max(16) }),
    salt: bytes,
  }),
  cipher: z.object({
    name: z.literal("nacl/secretbox"),
    nonce: bytes.refine(({ length }) => length === SECRETBOX_NONCE, `is not ${String(SECRETBOX_NONCE)} bytes`),
  }),
  ciphertext: bytes,
});

const derive = promisify<Buffer, Buffer, number, object, Buffer>(scrypt);

/** The private key in the JSON that cosign puts into a PEM block. Throws `DhiError` "invalid" and "unauthorized", for a wrong password. */
export async function decryptCosignKey(json: Uint8Array, password: string, what: string): Promise<KeyObject> {
  const { kdf, cipher, ciphertext } = parseJson(json, schema, what);
  const { N, r, p } = kdf.params;
  if (128 * N * r > SCRYPT_MEMORY)
    throw new DhiError("limit", `${what} needs more than ${String(SCRYPT_MEMORY / 1024 / 1024)} MiB to decrypt`);
  const key = await derive(Buffer.from(password), kdf.salt, SECRETBOX_KEY, { N, r, p, maxmem: 2 * SCRYPT_MEMORY });
  const der = await openSecretbox(key, cipher.nonce, ciphertext);
  if (der === undefined) throw new DhiError("unauthorized", `${what} cannot be decrypted with this password`);
  try {
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch {
    throw new DhiError("invalid", `${what} holds something else than a private key in PKCS #8`);
  }
}
