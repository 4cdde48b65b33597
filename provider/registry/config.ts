import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { asError, DhiError } from "../errors.js";
import type { Immutable } from "../image/lenient.js";
import { holdLogin, holdSecret } from "../text/redaction.js";
import { canonicalHost } from "./host.js";

/** One entry of stack config `dhi:registries`. */
export const registryConfigSchema = z.strictObject({
  username: z.string().optional(),
  password: z.string().optional(),
  identityToken: z.string().optional(),
  credentialHelper: z.string().optional(),
  /** PEM text, or paths of PEM files relative to the Pulumi project. */
  caCertificates: z.array(z.string()).optional(),
  plainHttp: z.boolean().optional(),
});

export type RegistryConfig = Immutable<z.output<typeof registryConfigSchema>>;

/** Validates the entries, by canonical host. Throws `DhiError` "invalid" when a host has more than one login, or an incomplete one. */
export function checkRegistries(registries: Readonly<Record<string, RegistryConfig>>): ReadonlyMap<string, RegistryConfig> {
  const checked = new Map<string, RegistryConfig>();
  for (const [name, config] of Object.entries(registries)) {
    holdConfig(config);
    if (name.includes("@"))
      throw invalid(
        "dhi:registries has a key with a login in it",
        "Write only the host, and give the login as username and password below it",
      );
    const host = canonicalHost(name);
    if (name.includes("/"))
      throw invalid(`dhi:registries has the key "${name}", which is not a host`, "Write only the host, with its port if it has one");
    if (checked.has(host)) throw invalid(`dhi:registries has two entries for ${host}`, "Keep one of them");
    if (config.plainHttp === true && name.endsWith(":443"))
      throw invalid(`dhi:registries has plainHttp for ${name}, the port of TLS`, "Write the port that it uses without TLS");
    checkWays(name, config);
    checked.set(host, config);
  }
  return checked;
}

function holdConfig({ username = "", password, identityToken }: RegistryConfig): void {
  if (password !== undefined) holdLogin(username, password);
  if (identityToken !== undefined) holdSecret(identityToken);
}

function checkWays(name: string, config: RegistryConfig): void {
  const user = config.username !== undefined || config.password !== undefined;
  const ways = [user, config.identityToken !== undefined, config.credentialHelper !== undefined].filter(Boolean).length;
  if (ways > 1) {
    throw invalid(
      `dhi:registries has more than one way to authenticate to ${name}`,
      "Keep username and password, identityToken, or credentialHelper",
    );
  }
  if (user && (config.username === undefined || config.password === undefined)) {
    throw invalid(
      `dhi:registries has ${config.username === undefined ? "a password without username" : "a username without password"} for ${name}`,
      "Give both",
    );
  }
}

/** The certificates of an entry as PEM text. */
export async function readCertificates(
  host: string,
  config: RegistryConfig | undefined,
  projectDirectory: string,
): Promise<readonly string[]> {
  return await Promise.all(
    (config?.caCertificates ?? []).map(async (entry) => {
      const pem = entry.includes("-----BEGIN") ? entry : await readPem(host, resolve(projectDirectory, entry), entry);
      if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
      throw invalid(
        `caCertificates of ${host} in dhi:registries has an entry without a PEM certificate`,
        "Give PEM text or the path of a PEM file",
      );
    }),
  );
}

async function readPem(host: string, path: string, entry: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    throw new DhiError(
      "invalid",
      `caCertificates of ${host} in dhi:registries has "${entry}", which cannot be read: ${asError(thrown).message}`,
      {
        cause: thrown,
        hint: "Paths are relative to the Pulumi project",
      },
    );
  }
}

function invalid(message: string, hint: string): DhiError {
  return new DhiError("invalid", message, { hint });
}
