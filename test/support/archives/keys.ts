import type { PrivateKey } from "openpgp" with { "resolution-mode": "import" };

export interface ArchiveKey {
  readonly private: PrivateKey;
  /** ASCII-armored public key. */
  readonly armored: string;
  /** A keyring with this key alone. */
  readonly binary: Buffer;
  /** Upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The last 16 digits. */
  readonly id: string;
}

export interface KeyOptions {
  readonly date?: Date;
  /** Seconds after `date`. */
  readonly expires?: number;
}

/** A new signing key, as archives have them. */
export async function makeKey(name: string, { date, expires }: KeyOptions = {}): Promise<ArchiveKey> {
  const { generateKey } = await import("openpgp");
  const { privateKey, publicKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name, email: "archive@example.org" }],
    format: "object",
    // The clock of whoever reads may stand a little behind.
    date: date ?? new Date(Date.now() - 60_000),
    ...(expires === undefined ? {} : { keyExpirationTime: expires }),
  });
  const fingerprint = publicKey.getFingerprint().toUpperCase();
  return {
    private: privateKey,
    armored: publicKey.armor(),
    binary: Buffer.from(publicKey.write()),
    fingerprint,
    id: fingerprint.slice(-16),
  };
}

export async function clearSign(text: string, keys: readonly ArchiveKey[], date = new Date(Date.now() - 1000)): Promise<string> {
  const { createCleartextMessage, sign } = await import("openpgp");
  const message = await createCleartextMessage({ text });
  return await sign({ message, signingKeys: keys.map((key) => key.private), date });
}

export async function detachSign(bytes: Buffer, keys: readonly ArchiveKey[], date = new Date(Date.now() - 1000)): Promise<string> {
  const { createMessage, sign } = await import("openpgp");
  const message = await createMessage({ binary: new Uint8Array(bytes) });
  const signature: unknown = await sign({ message, signingKeys: keys.map((key) => key.private), detached: true, date });
  if (typeof signature !== "string") throw new Error("a detached signature is text");
  return signature;
}
