import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DhiError } from "../../errors.js";
import { holdSecret } from "../../text/redaction.js";
import { commandKey, type CommandOptions } from "./command-key.js";
import { decryptCosignKey } from "./cosign-key.js";
import { formatKeyReference, type KeyReference } from "./key-reference.js";
import { localKey, type SigningKey } from "./signing-key.js";

/** Bytes of a key file: an RSA key of 16384 bits has 13 KiB. */
export const KEY_LIMIT = 64 * 1024;
/** The variable that cosign reads the password of a key from. */
export const PASSWORD_VARIABLE = "COSIGN_PASSWORD";

const COSIGN = /-----BEGIN (ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY)-----([A-Za-z0-9+/=\s]*)-----END \1-----/;

/** The key that a reference names. Throws `DhiError`, which never quotes the key or its password. */
export async function readKey(reference: KeyReference, options: CommandOptions): Promise<SigningKey> {
  if (reference.is === "command") return commandKey(reference.words, options);
  const what = formatKeyReference(reference);
  const text =
    reference.is === "file" ? await readKeyFile(resolve(options.projectDirectory, reference.path), what) : options.env[reference.name];
  if (text === undefined || text === "") {
    throw new DhiError("not-found", `${what} is not set`, { hint: "Set the variable to the private key" });
  }
  return parseKey(text, what, options.env[PASSWORD_VARIABLE]);
}

/** A key from its text: cosign's encrypted form, or PEM of PKCS #8, SEC 1 or PKCS #1. `what` names it in errors. */
export async function parseKey(text: string, what: string, password: string | undefined): Promise<SigningKey> {
  if (password !== undefined) holdSecret(password);
  const cosign = COSIGN.exec(text);
  const key = cosign === null ? parsePem(text, what, password) : await openCosignKey(cosign[2] ?? "", what, password);
  return localKey(key, what);
}

async function openCosignKey(body: string, what: string, password: string | undefined): Promise<KeyObject> {
  try {
    return await decryptCosignKey(Buffer.from(body, "base64"), password ?? "", what);
  } catch (thrown) {
    if (password !== undefined || !(thrown instanceof DhiError) || thrown.code !== "unauthorized") throw thrown;
    throw new DhiError("unauthorized", `${what} is encrypted`, { hint: `Set ${PASSWORD_VARIABLE} to its password` });
  }
}

function parsePem(text: string, what: string, password: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: text, format: "pem", ...(password === undefined ? {} : { passphrase: password }) });
  } catch {
    const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|\bProc-Type: 4,ENCRYPTED/.test(text);
    if (isEncrypted && password === undefined) {
      throw new DhiError("unauthorized", `${what} is encrypted`, { hint: `Set ${PASSWORD_VARIABLE} to its password` });
    }
    if (isEncrypted) throw new DhiError("unauthorized", `${what} cannot be decrypted with this password`);
    const hint = "Give a private key in PEM, or one that cosign generate-key-pair made";
    const found = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
    const why = found === undefined ? "is not in PEM" : found.endsWith("PRIVATE KEY") ? "is damaged" : `is a ${found.toLowerCase()}`;
    throw new DhiError("invalid", `${what} ${why}, so it cannot sign`, { hint });
  }
}

async function readKeyFile(path: string, what: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new DhiError("invalid", `${what} is not a file`, { hint: "Give the path of a private key" });
    if (found.size > KEY_LIMIT) throw new DhiError("limit", `${what} is larger than ${String(KEY_LIMIT / 1024)} KiB, so it is not a key`);
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (thrown instanceof DhiError) throw thrown;
    const reason = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "an unknown error";
    if (reason !== "ENOENT")
      throw new DhiError("unauthorized", `the key ${what} cannot be read: ${reason}`, { hint: "Let this user read it" });
    throw new DhiError("not-found", `the key ${what} does not exist`, { hint: "Paths are relative to the Pulumi project" });
  }
}
