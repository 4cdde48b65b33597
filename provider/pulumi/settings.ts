import { resolve } from "node:path";
import { z } from "zod";
import { DhiError } from "../errors.js";
import { formatPath } from "../values.js";
import type { Settings } from "../pipeline/session.js";
import type { DeclaredSource } from "../packages/packages.js";
import type { RegistryConfig } from "../registry/config.js";

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

const registry = z.strictObject({
  username: z.string().optional(),
  password: z.string().optional(),
  identityToken: z.string().optional(),
  credentialHelper: z.string().optional(),
  caCertificates: z.array(z.string()).optional(),
  plainHttp: z.boolean().optional(),
});

const packageSource = z.strictObject({
  url: z.string(),
  suites: z.array(z.string()).optional(),
  components: z.array(z.string()).optional(),
  keys: z.array(z.string()).optional(),
  allowUnsigned: z.boolean().optional(),
  allowExpired: z.boolean().optional(),
});

/** Throws `DhiError` "invalid" that names the key, but not its value: it may be a secret. */
export function readSettings(read: ReadConfig, projectDirectory: string, env: NodeJS.ProcessEnv): StackSettings {
  const cacheDirectory = read("dhi:cacheDirectory");
  return {
    registries: parseJson(read, "dhi:registries", z.record(z.string(), registry)) ?? {},
    packageSources: parseJson(read, "dhi:packageSources", z.record(z.string(), z.array(packageSource))) ?? {},
    packageHosts: parseJson(read, "dhi:packageHosts", z.array(z.string())) ?? [],
    requireFresh: parseJson(read, "dhi:requireFresh", z.boolean()) ?? false,
    deferFailures: parseJson(read, "dhi:deferFailures", z.boolean()) ?? false,
    timeout: parseDuration(read("dhi:timeout")),
    cacheDirectory: cacheDirectory === undefined ? undefined : resolve(projectDirectory, cacheDirectory),
    jobs: parseJobs(env["DHI_JOBS"]),
  };
}

function parseJson<T>(read: ReadConfig, key: string, schema: z.ZodType<T>): T | undefined {
  const text = read(key);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(key, "is not JSON");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${formatPath(issue.path.map(withoutLogin))}`;
  throw invalid(
    key,
    `is not valid${where}: ${issue?.code === "unrecognized_keys" ? `unknown ${issue.keys.map(withoutLogin).join(", ")}` : (issue?.code ?? "")}`,
  );
}

/** Hides a key that contains a login. */
function withoutLogin<T>(key: T): T | string {
  return typeof key === "string" && key.includes("@") ? "***" : key;
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function parseDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/([0-9]{1,9})([smh])/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
  if (parts.map(([part]) => part).join("") !== text || total === 0)
    throw invalid("dhi:timeout", `is "${text}", which is not a duration. Write 90s, 30m or 1h30m`);
  return total;
}

function parseJobs(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9][0-9]?$/.test(text))
    throw invalid("DHI_JOBS", `is "${text}", which is not a number of jobs`, "Set it to a number from 1 to 99");
  return Number(text);
}

function invalid(key: string, why: string, hint = "Fix it with pulumi config set"): DhiError {
  return new DhiError("invalid", `${key} ${why}`, { hint });
}
