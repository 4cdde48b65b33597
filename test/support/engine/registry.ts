import type { Digest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import {
  startDockerRegistry,
  startProxy,
  type Fault,
  type FaultProxy,
  type RegistryOptions,
  type SeenRequest,
} from "../registries/index.js";

/** A real registry behind a proxy that records requests and, on demand, fails them. */
export interface WatchedRegistry {
  /** Host of the proxy, for programs. */
  readonly host: string;
  readonly proxy: FaultProxy;
  /** The registry itself, bypassing the proxy. */
  open(name: string): ImageRepository;
  /** Name and tag to digest; undefined when it does not exist. */
  digestOf(name: string, tag: string): Promise<Digest | undefined>;
  /** Deletes a manifest by its digest, as a garbage collection or another tool would. */
  delete(name: string, digest: string): Promise<void>;
  /** Sets what happens to requests from now on; nothing without an argument. */
  fail(rule?: (request: SeenRequest) => Fault | undefined): void;
  /** Requests since the last call, as `GET /v2/…`. */
  seen(): readonly string[];
  stop(): Promise<void>;
}

export async function startWatchedRegistry(options: RegistryOptions = {}): Promise<WatchedRegistry> {
  const registry = await startDockerRegistry(options);
  let rule: ((request: SeenRequest) => Fault | undefined) | undefined;
  let read = 0;
  const proxy = await startProxy(registry.host, { onRequest: (request) => rule?.(request) });
  const repositories = openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent", PATH: process.env["PATH"] } });
  const open = (name: string): ImageRepository => repositories.open(parseRepository(`${registry.host}/${name}`));
  return {
    host: proxy.host,
    proxy,
    open,
    digestOf: async (name, tag) => (await open(name).headManifest(tag))?.digest,
    delete: async (name, digest) => {
      const { status } = await fetch(`http://${registry.host}/v2/${name}/manifests/${digest}`, { method: "DELETE" });
      if (status !== 202) throw new Error(`the registry answered ${String(status)} to the deletion of ${digest}`);
    },
    fail: (next) => {
      rule = next;
    },
    seen: () => {
      const fresh = proxy.requests.slice(read).map(({ method, url }) => `${method} ${url}`);
      read = proxy.requests.length;
      return fresh;
    },
    stop: async () => {
      await repositories.close();
      await proxy.stop();
      await registry.stop();
    },
  };
}
