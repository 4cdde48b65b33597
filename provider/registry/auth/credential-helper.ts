import { z } from "zod";
import { runProgram } from "../../async/run-program.js";
import { DhiError } from "../../errors.js";
import { systemCode } from "../../cache/files.js";
import { readJson } from "../../image/json.js";
import { holdSecret, quote } from "../../text/redaction.js";
import { credentialFrom, type Credential } from "./credential.js";

const TIME_LIMIT = 30_000;
const OUTPUT_LIMIT = 64 * 1024;
const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

export interface HelperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `docker-credential-<helper> get` (docker-credential-helpers, "Development"): server on stdin, JSON on stdout.
 * Undefined when it has no credentials, `missing` when the program is not installed. Throws `DhiError` "unauthorized" when it fails,
 * with its message on stderr.
 */
export async function askHelper(helper: string, server: string, options: HelperOptions): Promise<Credential | "missing" | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper)) throw new DhiError("invalid", `"${helper}" is not a valid name of a credential helper`);
  const program = `docker-credential-${helper}`;
  const ended = await run(program, server, options);
  if (ended === "missing") return ended;
  const { code, output } = ended;
  if (code !== 0) {
    // Helpers report this case on stdout; it is not a failure.
    if (/credentials not found/i.test(output)) return undefined;
    throw new DhiError("unauthorized", `${program} failed for ${server}${reasonOf(ended)}`);
  }
  const answer = readJson(output, answerSchema);
  if (answer === undefined)
    throw new DhiError("unauthorized", `${program} answered for ${server} with something that is not credentials${reasonOf(ended)}`);
  const { Username: username, Secret: secret } = answer;
  return username === "" && secret === "" ? undefined : credentialFrom(username, secret);
}

/** The message of a failed helper. Its stdout is meant for credentials, so it is shown only when it failed and printed text. */
function reasonOf({ code, output, errors }: Ended): string {
  // A secret in output that is not shown must not be repeated from stderr either.
  for (const [, secret = ""] of output.matchAll(/"Secret"\s*:\s*("(?:[^"\\]|\\.)*")/g)) {
    holdSecret(readJson(secret, z.string()) ?? secret);
  }
  const words = code === 0 || output.includes("{") ? "" : output.split("\n", 1).join("");
  const said = [errors, words].map((text) => quote(text, true)).filter((text) => text !== "");
  return said.length === 0 ? "" : `: ${said.join("; ")}`;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

async function run(program: string, input: string, { env, signal }: HelperOptions): Promise<Ended | "missing"> {
  const end = await runProgram(program, ["get"], input, { env, signal, timeLimit: TIME_LIMIT, outputLimit: OUTPUT_LIMIT });
  switch (end.is) {
    case "ended":
      return { code: end.code, output: end.output.toString().trim(), errors: end.errors.toString().trim() };
    case "late":
      throw new DhiError("unauthorized", `${program} did not answer for ${input} within ${TIME_LIMIT / 1000} s`);
    case "not-started":
      if (systemCode(end.cause) === "ENOENT") return "missing";
      throw new DhiError("unauthorized", `${program} could not be run: ${end.cause.message}`, { cause: end.cause });
  }
}
