import { createHash } from "node:crypto";
import { runProgram } from "../../async/run-program.js";
import { cancellation, DhiError } from "../../errors.js";
import { digestOf } from "../../image/digest.js";
import { quote } from "../../text/redaction.js";
import type { SigningKey } from "./signing-key.js";

/** Milliseconds: a KMS answers within seconds, and a person who must touch a token within a minute. */
const TIME_LIMIT = 60_000;
/** More than base64 of a signature of RSA 16384. */
export const SIGNATURE_LIMIT = 4096;

const BASE64 = /^[A-Za-z0-9+/\r\n]+={0,2}$/;

export interface CommandOptions {
  readonly projectDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  readonly timeLimit?: number;
}

/**
 * A key that a program signs with, such as the command line of a KMS: the 32 bytes of the SHA-256 digest on its standard input, the
 * signature on its standard output, as it is or in base64. It runs in the project's folder, without a shell.
 */
export function commandKey([program, ...args]: readonly [string, ...string[]], options: CommandOptions): SigningKey {
  const { projectDirectory, env, signal, timeLimit = TIME_LIMIT } = options;
  const sign = async (bytes: Uint8Array): Promise<Buffer> => {
    const digest = createHash("sha256").update(bytes).digest();
    const end = await runProgram(program, args, digest, {
      env,
      cwd: projectDirectory,
      signal,
      timeLimit,
      outputLimit: SIGNATURE_LIMIT + 1,
    });
    if (signal?.aborted === true) throw cancellation(signal, `${program} was stopped before it had signed`);
    if (end.is === "late") throw new DhiError("unavailable", `${program} did not sign within ${String(timeLimit / 1000)} s`);
    if (end.is === "not-started") {
      throw new DhiError("not-found", `${program} could not be run: ${end.cause.message}`, {
        hint: "Install it, or give its path",
        cause: end.cause,
      });
    }
    const said = quote(end.errors.toString(), true);
    if (end.code !== 0) throw new DhiError("rejected", `${program} did not sign${said === "" ? "" : `: ${said}`}`);
    return decodeSignature(end.output, program);
  };
  return { id: digestOf(Buffer.from(JSON.stringify([program, ...args]))), publicKey: undefined, sign };
}

function decodeSignature(output: Buffer, program: string): Buffer {
  if (output.length > SIGNATURE_LIMIT) throw new DhiError("limit", `${program} answered with more than ${String(SIGNATURE_LIMIT)} bytes`);
  const text = output.toString("latin1");
  const signature = BASE64.test(text.trimEnd()) ? Buffer.from(text, "base64") : output;
  if (signature.length > 0) return signature;
  throw new DhiError("invalid", `${program} answered with an empty signature`);
}
