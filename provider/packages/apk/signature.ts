import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { DhiError } from "../../errors.js";

/** Kinds of signatures by the name in front of the key's (apk-tools 2.14, `apk_sign_ctx_process_file`), with their hash. */
const hashes: Readonly<Record<string, string>> = { RSA: "sha1", RSA256: "sha256", RSA512: "sha512" };

/** Alpine's first keys. */
const MIN_BITS = 2048;

/** The RSA public keys of PEM texts, several in one too. Throws `invalid` for what holds none. */
export function readApkKeys(sources: readonly (string | Buffer)[]): readonly KeyObject[] {
  return sources.flatMap((source, at) => {
    const wrong = (why: string, cause?: unknown): DhiError =>
      new DhiError("invalid", `the ${sources.length > 1 ? `${String(at + 1)}. ` : ""}archive key ${why}`, {
        cause,
        hint: "Keys of Alpine archives are RSA public keys in PEM, as in /etc/apk/keys",
      });
    const blocks = source.toString("latin1").match(/-----BEGIN (?:RSA )?PUBLIC KEY-----[\s\S]+?-----END (?:RSA )?PUBLIC KEY-----/g);
    if (blocks === null) throw wrong("is no PEM public key");
    return blocks.map((block) => {
      const key = readKey(block, wrong);
      if (key.asymmetricKeyType !== "rsa") throw wrong("is no RSA key");
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
 * Checks that one of the signatures is of one of the keys. Names of keys say which one to try, no more: whoever signs chooses them, so
 * each is tried. `signatures`: by the names of their files (`.SIGN.RSA256.melange.rsa.pub`). Throws `invalid`.
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
  if (known.length === 0)
    throw new DhiError("invalid", `${what} has no signature of a kind that is known: ${[...signatures.keys()].join(", ")}`);
  if (known.some(({ algorithm, bytes }) => keys.some((key) => verify(algorithm, signed, key, bytes)))) return;
  const signers = known.map(({ signer }) => signer).join(", ");
  throw new DhiError(
    "invalid",
    `${what} is signed as by "${signers}", and that is no signature of the ${String(keys.length)} keys that its source trusts`,
    {
      hint: "Give the archive's keys in packageSources. With the right keys, it was changed after it was signed",
    },
  );
}
