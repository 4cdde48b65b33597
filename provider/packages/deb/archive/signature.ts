import type { CleartextMessage, Key } from "openpgp" with { "resolution-mode": "import" };
import { DhiError } from "../../../errors.js";
import { readArchiveKeys } from "./read-keys.js";

/** The text that a signature covers, and the keys that signed it. */
export interface Verified {
  /** Exactly what verification returned: lines end in a newline, trailing spaces are removed. */
  readonly text: Buffer;
  /** Of the primary keys with good signatures: 40 or 64 upper-case hexadecimal digits. */
  readonly fingerprints: readonly string[];
  /** Whether no signature expires: then these bytes and keys give the same result at any later time. */
  readonly lasting: boolean;
}

export interface VerifyOptions {
  /** ASCII-armored text, or the bytes of a keyring. */
  readonly keys: readonly (string | Buffer)[];
  /** Names the file in errors. */
  readonly what: string;
  /** The time at which signatures must not have expired. Default: now. A key only needs to be valid when it signed. */
  readonly now?: Date | undefined;
}

type VerificationResult = Awaited<ReturnType<CleartextMessage["verify"]>>[number];

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const MIDDLE = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";

/**
 * Checks a clear-signed file (RFC 9580, 7): at least one good signature by one of the keys, and nothing outside of the signed text.
 * Throws `DhiError` "invalid" when it is unsigned, signed by other keys, malformed or has text around the signed part; "mismatch" for a bad signature.
 */
export async function verifyInRelease(bytes: Buffer, options: VerifyOptions): Promise<Verified> {
  const { what } = options;
  const message = signedBlock(bytes, what);
  const { readCleartextMessage, verify } = await import("openpgp");
  const parsed = await malformed(what, () => readCleartextMessage({ cleartextMessage: message }));
  const keys = await readArchiveKeys(options.keys);
  const { data, signatures } = await malformed(what, () =>
    verify({ message: parsed, verificationKeys: [...keys], date: options.now ?? new Date() }),
  );
  return { text: Buffer.from(data, "utf8"), ...(await goodSigners(signatures, keys, what)) };
}

/** Checks Release against Release.gpg, armored or binary. Throws as `verifyInRelease` does. */
export async function verifyRelease(bytes: Buffer, signature: Buffer, options: VerifyOptions): Promise<Verified> {
  const { what } = options;
  const { createMessage, readSignature, verify } = await import("openpgp");
  const text = signature.toString("latin1");
  const parsed = await malformed(what, () =>
    text.includes(MIDDLE) ? readSignature({ armoredSignature: text }) : readSignature({ binarySignature: signature }),
  );
  const keys = await readArchiveKeys(options.keys);
  const message = await createMessage({ binary: new Uint8Array(bytes) });
  const { signatures } = await malformed(what, () =>
    verify({ message, signature: parsed, verificationKeys: [...keys], date: options.now ?? new Date(), format: "binary" }),
  );
  return { text: bytes, ...(await goodSigners(signatures, keys, what)) };
}

/** The file, if it is one signed block and nothing else: unsigned text must never reach a parser. */
function signedBlock(bytes: Buffer, what: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DhiError("invalid", `${what} is not valid UTF-8`, { cause });
  }
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const begin = lines.indexOf(BEGIN);
  if (begin < 0)
    throw new DhiError("invalid", `${what} is not signed`, {
      hint: "To use an unsigned archive, set allowUnsigned on its source",
    });
  const middle = lines.indexOf(MIDDLE, begin);
  const end = middle < 0 ? -1 : lines.indexOf(END, middle);
  if (end < 0) throw new DhiError("invalid", `${what} is malformed: its signature is truncated`);
  const outside = [...lines.slice(0, begin), ...lines.slice(end + 1)].find((line) => line !== "");
  if (outside !== undefined)
    throw new DhiError("invalid", `${what} has text outside of the signed part: ${JSON.stringify(outside.slice(0, 60))}`);
  return text;
}

async function malformed<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new DhiError("invalid", `${what} is malformed: ${messageOf(cause)}`, { cause });
  }
}

/** One good signature is enough: during a key rollover archives are signed with the old and the new key. */
async function goodSigners(
  signatures: readonly VerificationResult[],
  keys: readonly Key[],
  what: string,
): Promise<Pick<Verified, "fingerprints" | "lasting">> {
  const good = new Set<string>();
  const strangers: string[] = [];
  const failures: unknown[] = [];
  for (const { keyID, verified } of signatures) {
    const signer = keys.find((key) => key.getKeys(keyID).length > 0);
    try {
      await verified;
      if (signer !== undefined) good.add(signer.getFingerprint().toUpperCase());
    } catch (thrown) {
      if (signer === undefined) strangers.push(keyID.toHex().toUpperCase());
      else failures.push(new DhiError("mismatch", `by key ${keyID.toHex().toUpperCase()}: ${messageOf(thrown)}`, { cause: thrown }));
    }
  }
  if (good.size > 0) return { fingerprints: [...good], lasting: await areLasting(signatures) };
  const [failure] = failures;
  if (failure !== undefined) throw new DhiError("mismatch", `${what} has a bad signature ${messageOf(failure)}`, { cause: failure });
  if (strangers.length === 0) throw new DhiError("invalid", `${what} is not signed`);
  const known = keys.map((key) => key.getKeyID().toHex().toUpperCase()).join(", ");
  throw new DhiError(
    "invalid",
    `${what} is signed by ${strangers.join(", ")}, which is none of the trusted keys: ${known || "there are none"}`,
    {
      hint: "Add the key of the archive to its source, if you trust it",
    },
  );
}

async function areLasting(signatures: readonly VerificationResult[]): Promise<boolean> {
  const ends = await Promise.all(
    signatures.map(async ({ signature }) => (await signature).packets.map((packet) => packet.signatureNeverExpires)),
  );
  return ends.flat().every(Boolean);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
