import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { delayAbort } from "../async/delay-abort.js";
import { createHttpClient } from "../http/client.js";
import type { HttpClient } from "../http/request.js";
import type { Repository } from "../image/reference.js";
import { Authorizer } from "./auth/authorizer.js";
import { checkRegistries, readCertificates, type RegistryConfig } from "./config.js";
import { Credentials } from "./auth/credentials.js";
import { canonicalHost, namesOf, sameHost } from "./host.js";
import { Layout } from "./layout/layout.js";
import { LayoutRepository } from "./layout/layout-repository.js";
import { Turns } from "../async/turns.js";
import { Memo } from "../async/memo.js";
import { BlobHolders } from "./remote/blob-holders.js";
import { listCatalog } from "./remote/catalog.js";
import { RegistryClient } from "./remote/registry-client.js";
import { RemoteRepository } from "./remote/remote-repository.js";
import type { BlobArrival, ImageRepository, Repositories } from "./repository.js";

export interface RepositoriesOptions {
  /** Stack config `dhi:registries`, by host. */
  readonly registries?: Readonly<Record<string, RegistryConfig>> | undefined;
  /** Base of relative paths of layouts and certificate files. */
  readonly projectDirectory: string;
  /** Cancels everything in progress. */
  readonly signal?: AbortSignal | undefined;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** Milliseconds after a cancellation in which a tag may be restored and an upload ended. */
const CLEANUP_TIME = 10_000;

/** Repositories for one operation. Throws `DhiError` "invalid" when `registries` is contradictory. */
export function openRepositories(options: RepositoriesOptions): Repositories {
  const env = options.env ?? process.env;
  const registries = checkRegistries(options.registries ?? {});
  const configOf = (host: string): RegistryConfig | undefined => registries.get(canonicalHost(host));
  const configAt = (url: URL): RegistryConfig | undefined => namesOf(url).flatMap((name) => registries.get(name) ?? [])[0];
  const certificates = new Memo<readonly string[]>("all");
  const httpOptions = {
    env,
    certificates: (url: URL): Promise<readonly string[]> =>
      certificates.run(url.origin, () => readCertificates(url.host, configAt(url), options.projectDirectory)),
    allowPlain: (url: URL): boolean => configAt(url)?.plainHttp === true,
  };
  const http = createHttpClient({ ...httpOptions, signal: options.signal });
  const cleanupHttp = createHttpClient({ ...httpOptions, signal: delayAbort(options.signal, CLEANUP_TIME) });
  const credentials = new Credentials({ env, registries, signal: options.signal });
  const clients = new Map<string, { readonly client: RegistryClient; readonly cleanup: RegistryClient }>();
  const uploads = new Memo<BlobArrival>("nothing");
  const deletions = new Turns();
  const holders = new BlobHolders();
  const layouts = new Map<string, Layout>();

  const clientsOf = (host: string): { readonly client: RegistryClient; readonly cleanup: RegistryClient } => {
    const known = clients.get(host);
    if (known !== undefined) return known;
    const authorizer = new Authorizer(host, http, credentials);
    const scheme = schemeOf(configOf(host));
    const clientOver = (client: HttpClient): RegistryClient => new RegistryClient({ host, http: client, authorizer, scheme });
    const opened = { client: clientOver(http), cleanup: clientOver(cleanupHttp) };
    clients.set(host, opened);
    return opened;
  };

  return {
    open(repository: Repository): ImageRepository {
      if (repository.kind === "registry")
        return new RemoteRepository({
          repository,
          ...clientsOf(canonicalHost(repository.host)),
          uploads,
          holders,
          deletions,
          signal: options.signal,
        });
      const directory = resolve(options.projectDirectory, repository.path);
      const layout = layouts.get(directory) ?? new Layout(directory, options.signal);
      layouts.set(directory, layout);
      return new LayoutRepository(repository, layout, (path) => resolve(options.projectDirectory, path));
    },
    key: (repository) =>
      repository.kind === "registry"
        ? `${canonicalHost(repository.host)}/${repository.name}`
        : `oci:${realFolder(resolve(options.projectDirectory, repository.path))}`,
    listRepositories: (host) => listCatalog(clientsOf(canonicalHost(host)).client),
    sameRegistry: (one, other) => one.kind === other.kind && (one.kind === "layout" || (other.kind === "registry" && sameHost(one, other))),
    close: () => Promise.resolve(),
  };
}

function schemeOf(config: RegistryConfig | undefined): "http" | "https" | undefined {
  if (config?.plainHttp !== undefined) return config.plainHttp ? "http" : "https";
  return (config?.caCertificates?.length ?? 0) > 0 ? "https" : undefined;
}

/** The path with symbolic links resolved, when the folder exists. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
