import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates, type Certificates } from "./certificates.js";
import { hashPassword } from "./password.js";
import { findProgram, freePort, isListening, startService } from "./process.js";
import { startTokenServer, type TokenServer, type TokenServerOptions } from "./token-server.js";

export interface RegistryOptions {
  readonly auth?: "basic" | "bearer";
  readonly tls?: boolean;
  /** Default true. */
  readonly deleteEnabled?: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly tokens?: Pick<TokenServerOptions, "identityToken" | "lifetime" | "grant">;
  /** Where notifications are sent, and with which headers (distribution, configuration, "endpoints"). */
  readonly notify?: { readonly url: string; readonly headers: Readonly<Record<string, readonly string[]>> };
  /** `docker-registry` of Debian (2.8), or `registry` of distribution v3. Default the former. */
  readonly program?: "docker-registry" | "registry";
  /** In a network namespace of its own, where only programs run by `enter` reach it. Needs root. */
  readonly isolated?: boolean;
}

/** Why a registry cannot be isolated here; false when it can. */
export const skipIsolated: string | false =
  process.getuid?.() === 0 && ["ip", "unshare", "nsenter"].every((name) => findProgram(name) !== undefined)
    ? false
    : "a network namespace needs root, ip, unshare and nsenter";

export interface StartedRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  readonly certificates: Certificates | undefined;
  readonly tokens: TokenServer | undefined;
  /** What it printed, including the access log. */
  readonly log: () => string;
  /** What runs a program in the network namespace of an isolated registry: a command and its first arguments. */
  readonly enter: readonly string[];
  /** The folder of its storage. */
  readonly storage: string;
  readonly stop: () => Promise<void>;
}

/** A real registry with its storage in a folder of its own, which `stop` removes. */
export async function startDockerRegistry(options: RegistryOptions = {}): Promise<StartedRegistry> {
  const program = findProgram(options.program ?? "docker-registry");
  if (program === undefined) throw new Error(`${options.program ?? "docker-registry"} is not installed`);
  const folder = await mkdtemp(join(tmpdir(), "dhi-registry-"));
  const { username = "user", password = "pass word:ü" } = options;
  const port = await freePort();
  const certificates = options.tls === true ? await makeCertificates(folder) : undefined;
  const tokens = options.auth === "bearer" ? await startTokenServer({ folder, username, password, ...options.tokens }) : undefined;
  const storage = join(folder, "storage");
  const config = {
    version: 0.1,
    log: { level: "info", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: options.deleteEnabled ?? true } },
    http: {
      addr: `127.0.0.1:${port}`,
      ...(certificates === undefined ? {} : { tls: { certificate: certificates.certificateFile, key: certificates.keyFile } }),
    },
    ...(options.notify === undefined
      ? {}
      : { notifications: { endpoints: [{ name: "test", ...options.notify, timeout: "1s", threshold: 5, backoff: "1s" }] } }),
    ...(await authConfig(options.auth, folder, username, password, tokens)),
  };
  const configFile = join(folder, "config.yml");
  // JSON is valid YAML.
  await writeFile(configFile, JSON.stringify(config));
  const serve = ["serve", configFile];
  const env = { ...process.env, OTEL_TRACES_EXPORTER: "none" };
  // unshare, sh and the registry replace each other in one process.
  const isolated = ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", program, ...serve];
  const service =
    options.isolated === true
      ? await startService("unshare", isolated, env, (output) => Promise.resolve(output.includes("listening on")))
      : await startService(program, serve, env, () => isListening(port));
  return {
    host: `127.0.0.1:${port}`,
    username,
    password,
    certificates,
    tokens,
    log: service.output,
    enter: ["nsenter", `--net=/proc/${String(service.pid)}/ns/net`],
    storage,
    stop: async () => {
      await service.stop();
      await tokens?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function authConfig(
  auth: RegistryOptions["auth"],
  folder: string,
  username: string,
  password: string,
  tokens: TokenServer | undefined,
): Promise<object> {
  if (tokens !== undefined) {
    return {
      auth: { token: { realm: tokens.realm, service: tokens.service, issuer: tokens.issuer, rootcertbundle: tokens.certificateFile } },
    };
  }
  if (auth !== "basic") return {};
  const path = join(folder, "htpasswd");
  await writeFile(path, `${username}:${await hashPassword(password)}\n`);
  return { auth: { htpasswd: { realm: "test, with a comma", path } } };
}
