import { spawn } from "node:child_process";
import { z } from "zod";
import { DhiError } from "../../errors.js";
import { systemCode } from "../../cache/files.js";
import { readJson } from "../../image/json.js";
import { holdSecret, quote } from "../../text/redaction.js";
import { credentialFrom, type Credential } from "./credential.js";

const TIME_LIMIT = 30_000;
const OUTPUT_LIMIT = 64 * 1024;
/** Milliseconds after its end in which a helper's output is still read: a daemon that it started may hold its pipes open. */
const LEFT_OPEN = 500;
const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

export interface HelperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks `docker-credential-<helper> get` (docker-credential-helpers, "Development"): server on stdin, JSON on stdout.
 * Undefined when it has none, `missing` when the program is not installed. Throws `DhiError` "unauthorized" when it fails,
 * with what it said on stderr.
 */
export async function askHelper(helper: string, server: string, options: HelperOptions): Promise<Credential | "missing" | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(helper)) throw new DhiError("invalid", `"${helper}" is no name of a credential helper`);
  const program = `docker-credential-${helper}`;
  const ended = await run(program, server, options);
  if (ended === "missing") return ended;
  const { code, output } = ended;
  if (code !== 0) {
    // Helpers say why on stdout; in this one case that is no failure.
    if (/credentials not found/i.test(output)) return undefined;
    throw new DhiError("unauthorized", `${program} failed for ${server}${reasonOf(ended)}`);
  }
  const answer = readJson(output, answerSchema);
  if (answer === undefined)
    throw new DhiError("unauthorized", `${program} answered for ${server} with something that is no credentials${reasonOf(ended)}`);
  const { Username: username, Secret: secret } = answer;
  return username === "" && secret === "" ? undefined : credentialFrom(username, secret);
}

/** What a helper said of its failure. Its stdout is for credentials, and is told only from a failure that printed words. */
function reasonOf({ code, output, errors }: Ended): string {
  // A secret in what cannot be told must not be repeated on stderr either.
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

async function run(program: string, input: string, options: HelperOptions): Promise<Ended | "missing"> {
  // PULUMI_CONFIG holds the stack's configuration, which may have other secrets in it.
  const { PULUMI_CONFIG: _, ...env } = options.env;
  return await new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { env, stdio: ["pipe", "pipe", "pipe"], killSignal: "SIGKILL", signal: options.signal });
    const { stdin, stdout, stderr } = child;
    let output = "";
    let errors = "";
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      // What a helper left behind may hold them open.
      stdout.destroy();
      stderr.destroy();
      act();
    };
    // Not spawn's own time limit, which would hold the process up for as long when the program is missing.
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      const message = `${program} gave no answer for ${input} within ${TIME_LIMIT / 1000} s`;
      settle(() => reject(new DhiError("unauthorized", message)));
    }, TIME_LIMIT);
    stdout.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(0, OUTPUT_LIMIT);
    });
    stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(0, OUTPUT_LIMIT);
    });
    // A helper that does not read its input is judged by its answer.
    stdin.on("error", () => undefined).end(input);
    child.on("error", (thrown) => {
      const failure = new DhiError("unauthorized", `${program} could not be run: ${thrown.message}`, { cause: thrown });
      settle(() => (systemCode(thrown) === "ENOENT" ? resolve("missing") : reject(failure)));
    });
    const finish = (code: number | null): void => {
      settle(() => resolve({ code, output: output.trim(), errors: errors.trim() }));
    };
    child.on("exit", (code) => setTimeout(finish, LEFT_OPEN, code).unref());
    child.on("close", finish);
  });
}
