import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { asError, DhiError } from "../../errors.js";
import { Memo, once } from "../../async/memo.js";
import { ifPresent } from "../../cache/files.js";
import { askHelper } from "./credential-helper.js";
import { holdCredential, type Credential } from "./credential.js";
import type { RegistryConfig } from "../config.js";
import { findEntry, parseDockerConfig, type DockerConfig } from "./docker-config.js";

export interface CredentialOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly registries: ReadonlyMap<string, RegistryConfig>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds credentials in this order: `DOCKER_AUTH_CONFIG`, `REGISTRY_AUTH_FILE`, docker config, `dhi:registries`. Each
 * place is read on first use, and once for each instance.
 */
export class Credentials {
  readonly #options: CredentialOptions;
  readonly #found = new Memo<Credential | undefined>("all");
  readonly #asked = new Memo<Credential | undefined>("all");
  readonly #configs = once(() => readConfigs(this.#options.env), "all");

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  /** For a canonical host and a repository name on it; undefined means anonymous. */
  find(host: string, name: string): Promise<Credential | undefined> {
    return this.#found.run(`${host}/${name}`, async () => {
      const credential = await this.#search(host, name);
      if (credential !== undefined) holdCredential(credential);
      return credential;
    });
  }

  async #search(host: string, name: string): Promise<Credential | undefined> {
    for (const config of await this.#configs()) {
      const found = await this.#searchConfig(config, host, name);
      if (found !== undefined) return found;
    }
    const own = this.#options.registries.get(host);
    if (own?.identityToken !== undefined) return { kind: "identity", token: own.identityToken };
    if (own?.username !== undefined && own.password !== undefined) return { kind: "basic", username: own.username, password: own.password };
    return own?.credentialHelper === undefined ? undefined : await this.#ask(own.credentialHelper, host);
  }

  async #searchConfig(config: DockerConfig, host: string, name: string): Promise<Credential | undefined> {
    const helper = config.helpers.get(host);
    const helped = helper === undefined ? undefined : await this.#ask(helper, host);
    const listed = helped ?? findEntry(config.auths, host, name);
    if (listed !== undefined || config.store === undefined) return listed;
    // A default store may be missing on this machine (Docker Desktop's); anonymous access then still works.
    return await this.#ask(config.store, host, "optional");
  }

  #ask(helper: string, host: string, need: "required" | "optional" = "required"): Promise<Credential | undefined> {
    return this.#asked.run(`${helper} ${host}`, async () => {
      const server = host === "docker.io" ? "https://index.docker.io/v1/" : host;
      const answer = await askHelper(helper, server, this.#options);
      if (answer !== "missing") return answer;
      if (need === "optional") return undefined;
      throw new DhiError("unauthorized", `docker-credential-${helper}, which has the credentials for ${host}, is not on PATH`);
    });
  }
}

async function readConfigs(env: NodeJS.ProcessEnv): Promise<readonly DockerConfig[]> {
  const configs: DockerConfig[] = [];
  const inline = env["DOCKER_AUTH_CONFIG"] ?? "";
  if (inline.trim() !== "") configs.push(parseDockerConfig(inline, "the environment variable DOCKER_AUTH_CONFIG"));
  const file = env["REGISTRY_AUTH_FILE"] ?? "";
  if (file !== "") configs.push(parseDockerConfig(await readNamed(file), `the file of REGISTRY_AUTH_FILE, ${file}`));
  const folder = env["DOCKER_CONFIG"] ?? "";
  const path = folder === "" ? join(env["HOME"] ?? homedir(), ".docker", "config.json") : join(folder, "config.json");
  const text = await ifPresent(readFile(path, "utf8"));
  if (text !== undefined) configs.push(parseDockerConfig(text, path));
  return configs;
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    throw new DhiError("invalid", `the file of REGISTRY_AUTH_FILE cannot be read: ${asError(thrown).message}`, {
      cause: thrown,
      hint: "Correct or unset REGISTRY_AUTH_FILE",
    });
  }
}
