import { constants, createHash, createPublicKey, publicDecrypt, type KeyObject } from "node:crypto";
import { DhiError } from "../../../errors.js";
import { armoredBlocks } from "../../fetch/pem-blocks.js";

/** Kinds of signatures by the prefix of the key's name (apk-tools 2.14, `apk_sign_ctx_process_file`), with their hash. */
const hashes: Readonly<Record<string, string>> = { RSA: "sha1", RSA256: "sha256", RSA512: "sha512" };

/** The DigestInfo prefixes before a hash in the signed message (RFC 8017, 9.2, note 1). */
const prefixes: Readonly<Record<string, Buffer>> = {
  sha1: Buffer.from("3021300906052b0e03021a05000414", "hex"),
  sha256: Buffer.from("3031300d060960864801650304020105000420", "hex"),
  sha512: Buffer.from("3051300d060960864801650304020305000440", "hex"),
};

/** The size of Alpine's first keys. */
const MIN_BITS = 2048;

/** The RSA public keys of PEM texts, which may hold several. Throws `DhiError` "invalid" for one without a key. */
export function readApkKeys(sources: readonly (string | Buffer)[]): readonly KeyObject[] {
  return sources.flatMap((source, at) => {
    const wrong = (why: string, cause?: unknown): DhiError =>
      new DhiError("invalid", `the ${sources.length > 1 ? `${String(at + 1)}. ` : ""}archive key ${why}`, {
        cause,
        hint: "Keys of Alpine archives are RSA public keys in PEM, as in /etc/apk/keys",
      });
    const blocks = armoredBlocks(source.toString("latin1"), ["PUBLIC KEY", "RSA PUBLIC KEY"]);
    if (blocks.length === 0) throw wrong("is not a PEM public key");
    return blocks.map((block) => {
      const key = readKey(block, wrong);
      if (key.asymmetricKeyType !== "rsa") throw wrong("is not an RSA key");
      if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_BITS) throw wrong(`has fewer than ${String(MIN_BITS)} bits`);
      return key;
    });
  });
}

function readKey(block: string, wrong: (why: string, cause: unknown) => DhiError): KeyObject {
  try {
    return createPublicKey(block);
  } catch (thrown) {
    throw wrong("is damaged", thrown);
  }
}

/**
 * Verifies that one of the signatures is by one of the keys. The key names are only hints, chosen by the signer, so
 * every key is tried. `signatures`: by the names of their files (`.SIGN.RSA256.melange.rsa.pub`). Throws `DhiError` "invalid".
 */
export function verifyApkSignature(
  signed: Buffer,
  signatures: ReadonlyMap<string, Buffer>,
  keys: readonly KeyObject[],
  what: string,
): void {
  const known = [...signatures].flatMap(([name, bytes]) => {
    const [, kind = "", signer = ""] = /^\.SIGN\.([A-Z0-9]+)\.(.+)$/.exec(name) ?? [];
    const algorithm = hashes[kind];
    return algorithm === undefined ? [] : [{ algorithm, signer, bytes }];
  });
  if (known.length === 0) throw new DhiError("invalid", `${what} has no signature of a known kind: ${[...signatures.keys()].join(", ")}`);
  // The signed data may have megabytes: it is hashed once per algorithm, not per signature and key.
  const messages = new Map<string, Buffer>();
  for (const { algorithm } of known) {
    if (messages.has(algorithm)) continue;
    messages.set(algorithm, Buffer.concat([prefixes[algorithm] ?? Buffer.alloc(0), createHash(algorithm).update(signed).digest()]));
  }
  if (
    known.some(({ algorithm, bytes }) => keys.some((key) => openSignature(key, bytes)?.equals(messages.get(algorithm) ?? Buffer.alloc(0))))
  )
    return;
  const signers = known.map(({ signer }) => signer).join(", ");
  throw new DhiError(
    "invalid",
    `${what} names "${signers}" as its signer, but none of the ${String(keys.length)} keys that its source trusts made the signature`,
    {
      hint: "Set the archive's keys in packageSources. If the keys are right, it was changed after it was signed",
    },
  );
}

/** The signed message without its padding (RFC 8017, 8.2.2); undefined for a signature that the key did not make. */
function openSignature(key: KeyObject, signature: Buffer): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return undefined;
  }
}
