import { resolve } from "node:path";
import { z } from "zod";
import { DhiError } from "../errors.js";
import { parseJson } from "../image/json.js";
import type { Settings } from "../pipeline/session.js";
import { verify } from "../pipeline/spec/verify.js";
import { stackSign } from "../pipeline/spec/sign.js";
import { declaredSourceSchema, type DeclaredSource } from "../packages/declared-source.js";
import { parseDuration } from "../text/duration.js";
import { registryConfigSchema, type RegistryConfig } from "../registry/config.js";

/** Reads one key of stack config: text, or undefined when it is not set. */
export type ReadConfig = (key: string) => string | undefined;

/** Stack config in the namespace `dhi`, and settings from the environment. */
export interface StackSettings extends Settings {
  readonly registries: Readonly<Record<string, RegistryConfig>>;
  /** By distribution, `debian:bookworm`. */
  readonly packageSources: Readonly<Record<string, readonly DeclaredSource[]>>;
  /** Hosts of archives that a base may refer to: `host` or `host:port`. */
  readonly packageHosts: readonly string[];
  readonly cacheDirectory: string | undefined;
  /** Of one operation, in milliseconds. */
  readonly timeout: number | undefined;
}

const HINT = "Fix it with pulumi config set";

const stringsSchema = z.array(z.string());
const registriesSchema = z.record(z.string(), registryConfigSchema);
const packageSourcesSchema = z.record(z.string(), z.array(declaredSourceSchema));

/** Throws `DhiError` "invalid" that names the key, but not its value: it may be a secret. */
export function readSettings(read: ReadConfig, projectDirectory: string, env: NodeJS.ProcessEnv): StackSettings {
  const cacheDirectory = read("dhi:cacheDirectory");
  return {
    registries: readKey(read, "dhi:registries", registriesSchema) ?? {},
    packageSources: readKey(read, "dhi:packageSources", packageSourcesSchema) ?? {},
    packageHosts: readKey(read, "dhi:packageHosts", stringsSchema) ?? [],
    requireFresh: readKey(read, "dhi:requireFresh", z.boolean()) ?? false,
    deferFailures: readKey(read, "dhi:deferFailures", z.boolean()) ?? false,
    verify: readKey(read, "dhi:verify", verify),
    sign: readKey(read, "dhi:sign", stackSign),
    timeout: parseTimeout(read("dhi:timeout")),
    cacheDirectory: cacheDirectory === undefined ? undefined : resolve(projectDirectory, cacheDirectory),
    jobs: parseJobs(env["DHI_JOBS"]),
  };
}

function readKey<T>(read: ReadConfig, key: string, schema: z.ZodType<T>): T | undefined {
  const text = read(key);
  return text === undefined ? undefined : parseJson(text, schema, key, HINT);
}

function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const total = parseDuration(text, ["s", "m", "h"]);
  if (total === undefined || total === 0) throw invalid("dhi:timeout", `is "${text}", which is not a duration. Write 90s, 30m or 1h30m`);
  return total;
}

function parseJobs(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9][0-9]?$/.test(text))
    throw invalid("DHI_JOBS", `is "${text}", which is not a number of jobs`, "Set it to a number from 1 to 99");
  return Number(text);
}

function invalid(key: string, why: string, hint = HINT): DhiError {
  return new DhiError("invalid", `${key} ${why}`, { hint });
}
