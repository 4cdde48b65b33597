import { spawn } from "node:child_process";
import { z } from "zod";
import { DhiError } from "../errors.js";
import { systemCode } from "../cache/files.js";
import { credentialFrom, type Credential } from "./credential.js";

const TIME_LIMIT = 30_000;
const OUTPUT_LIMIT = 64 * 1024;
const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

export interface HelperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks `docker-credential-<helper> get` (docker-credential-helpers, "Development"): server on stdin, JSON on stdout.
 * Undefined when it has none, `missing` when the program is not installed. Throws `DhiError` "unauthorized" when it fails.
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
    throw new DhiError("unauthorized", `${program} failed for ${server}: ${output.split("\n", 1)[0]?.slice(0, 300) ?? ""}`);
  }
  const parsed = answerSchema.safeParse(readJson(output));
  if (!parsed.success) throw new DhiError("unauthorized", `${program} answered for ${server} with something that is no credentials`);
  const { Username: username, Secret: secret } = parsed.data;
  return username === "" && secret === "" ? undefined : credentialFrom(username, secret);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function run(program: string, input: string, options: HelperOptions): Promise<Ended | "missing"> {
  // PULUMI_CONFIG holds the stack's configuration, which may have other secrets in it.
  const { PULUMI_CONFIG: _, ...env } = options.env;
  return await new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { env, stdio: ["pipe", "pipe", "ignore"], killSignal: "SIGKILL", signal: options.signal });
    // Not spawn's own time limit, which would hold the process up for as long when the program is missing.
    const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT);
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(0, OUTPUT_LIMIT);
    });
    // A helper that does not read its input is judged by its answer.
    child.stdin.on("error", () => undefined).end(input);
    child.on("error", (thrown) => {
      clearTimeout(timer);
      if (systemCode(thrown) === "ENOENT") resolve("missing");
      else reject(new DhiError("unauthorized", `${program} could not be run: ${thrown.message}`, { cause: thrown }));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal === null) resolve({ code, output: output.trim() });
      else reject(new DhiError("unauthorized", `${program} gave no answer for ${input} within ${TIME_LIMIT / 1000} s`));
    });
  });
}
