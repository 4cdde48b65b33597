/** Bytes of the key and of the nonce of NaCl's secretbox, which node:crypto does not have. */
export const SECRETBOX_KEY = 32;
export const SECRETBOX_NONCE = 24;

/** What a box holds; undefined where it was made with another key, or is damaged. Its library is loaded only for this. */
export async function openSecretbox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Promise<Buffer | undefined> {
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  try {
    return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(box));
  } catch {
    return undefined;
  }
}
