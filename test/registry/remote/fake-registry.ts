import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { RegistryRepository } from "../../../provider/image/reference.js";
import type { RegistryConfig } from "../../../provider/registry/config.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { Repositories } from "../../../provider/registry/repository.js";
import { listen } from "../../support/registries/listen.js";
import { cleanup } from "../../support/running-test.js";

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Fake {
  readonly host: string;
  readonly seen: string[];
  readonly requests: IncomingMessage[];
  readonly at: RegistryRepository;
}

/** A registry with canned responses, for cases that a real one cannot be made to produce. */
export async function fake(answer: (key: string, request: IncomingMessage, response: ServerResponse) => Answer | undefined): Promise<Fake> {
  const seen: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const key = `${request.method ?? ""} ${request.url ?? ""}`;
    request.resume();
    if (key === "GET /v2/") {
      response.writeHead(200).end();
      return;
    }
    seen.push(key);
    requests.push(request);
    const found = answer(key, request, response);
    if (found !== undefined) response.writeHead(found.status, found.headers).end(found.body ?? "");
  });
  const { host, stop } = await listen(server);
  cleanup(stop);
  return { host, seen, requests, at: { kind: "registry", host, name: "acme/app" } };
}

export function connect(registries: Record<string, RegistryConfig> = {}): Repositories {
  return openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent" }, registries });
}
