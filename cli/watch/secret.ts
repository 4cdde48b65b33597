import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { asError, DhiError } from "../../provider/errors.js";
import { holdSecret } from "../../provider/text/redaction.js";

/** Name of the environment variable. */
export const SECRET_VARIABLE = "PULUMI_DHI_WATCH_SECRET";
export const SHORTEST_WEBHOOK_SECRET = 16;
const LONGEST_WEBHOOK_SECRET = 256;
/** It stands in a URL for Docker Hub: unreserved characters (RFC 3986 section 2.3). */
const allowed = /^[A-Za-z0-9._~-]+$/;

/** A secret that registries must send; it can only be compared. */
export class WebhookSecret {
  readonly #hash: Buffer;

  constructor(secret: string) {
    this.#hash = hash(secret);
  }

  /** In a time that does not depend on how much of it is right. */
  matches(text: string): boolean {
    return timingSafeEqual(this.#hash, hash(text));
  }
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * The secret from a file, else from the environment, out of which it is removed: programs that are started do not need it. From then on
 * no log line repeats it. Throws `DhiError` "invalid", "not-found".
 */
export function readSecret(file: string | undefined, env: NodeJS.ProcessEnv): WebhookSecret {
  const variable = env[SECRET_VARIABLE];
  Reflect.deleteProperty(env, SECRET_VARIABLE);
  const hint = `Make one with "openssl rand -hex 32", and put it in the file of --secret-file or in ${SECRET_VARIABLE}`;
  if (file !== undefined && variable !== undefined) {
    throw new DhiError("invalid", `the secret of the webhook is in --secret-file and in ${SECRET_VARIABLE}`, { hint: "Keep one of them" });
  }
  const text = file === undefined ? variable : readSecretFile(file);
  if (text === undefined) throw new DhiError("invalid", "the webhook has no secret", { hint });
  if (text.length < SHORTEST_WEBHOOK_SECRET || text.length > LONGEST_WEBHOOK_SECRET || !allowed.test(text)) {
    throw new DhiError(
      "invalid",
      `the secret of the webhook is not valid: it must have ${SHORTEST_WEBHOOK_SECRET} to ${LONGEST_WEBHOOK_SECRET} letters, digits, dots, dashes, underscores and tildes`,
      { hint },
    );
  }
  holdSecret(text);
  return new WebhookSecret(text);
}

function readSecretFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (thrown) {
    throw new DhiError("not-found", `--secret-file: ${file} cannot be read: ${asError(thrown).message}`, { cause: thrown });
  }
}
