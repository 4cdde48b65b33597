import type { RegistryRepository } from "../../provider/image/reference.js";
import type { RegistryConfig } from "../../provider/registry/config.js";
import { openRepositories } from "../../provider/registry/open.js";
import type { Repositories } from "../../provider/registry/repository.js";
import { expect } from "../support/expectations.js";
import {
  startDockerRegistry,
  startProxy,
  type Fault,
  type FaultProxy,
  type RegistryOptions,
  type SeenRequest,
  type StartedRegistry,
} from "../support/registries/index.js";
import { cleanup } from "../support/running-test.js";

export async function start(options: RegistryOptions = {}): Promise<StartedRegistry> {
  const registry = await startDockerRegistry(options);
  cleanup(registry.stop);
  return registry;
}

export async function before(target: string, onRequest?: (request: SeenRequest) => Fault | undefined): Promise<FaultProxy> {
  const proxy = await startProxy(target, onRequest === undefined ? {} : { onRequest });
  cleanup(proxy.stop);
  return proxy;
}

export function connect(registries: Record<string, RegistryConfig> = {}, env: NodeJS.ProcessEnv = {}): Repositories {
  return openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent", ...env }, registries });
}

export const at = (host: string, name = "acme/app"): RegistryRepository => ({ kind: "registry", host, name });
export const never = (): never => expect.fail("the blob was read");
