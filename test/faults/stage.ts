import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { DhiError } from "../../provider/errors.js";
import { parseRepository } from "../../provider/image/reference.js";
import { openSession } from "../../provider/pulumi/session.js";
import type { Session } from "../../provider/pipeline/session.js";
import { buildArchive } from "../support/archives/archive.js";
import { makeKey, type ArchiveKey } from "../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../support/archives/serve.js";
import { makeImage, putImage } from "../support/images/image.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/docker-registry.js";
import { startProxy, type Fault, type FaultProxy } from "../support/registries/fault-proxy.js";
import { listen, type Listening } from "../support/registries/listen.js";
import { makeWorkplace, type Workplace } from "../support/session/session.js";
import { debianBase, forBoth } from "../pipeline/packages/packages-shop.js";
import { anotherEndpoint, places, type FaultPlan, type Place } from "./draw-faults.js";

const archiveLogin = "packager:Archive+Secret/77";

/** The real servers of all runs, and one that must never receive a credential. */
export class FaultServers {
  private constructor(
    readonly registry: StartedRegistry,
    readonly archive: ServedArchive,
    readonly key: ArchiveKey,
    readonly collector: Listening,
    /** Headers and bodies that the collector received. */
    readonly collected: readonly string[],
    readonly workplace: Workplace,
  ) {}

  static async start(): Promise<FaultServers> {
    const [registry, key, workplace] = await Promise.all([
      startDockerRegistry({ auth: "bearer", username: "pusher", password: "Registry+Secret/88" }),
      makeKey("archive"),
      makeWorkplace(),
    ]);
    const packages = [...forBoth("tool", "2.0-1", { fields: { Depends: "lib" } }), ...forBoth("lib")];
    const archive = await serveArchive(await buildArchive([{ suite: "bookworm", packages: { main: packages }, keys: [key] }]), {
      login: archiveLogin,
    });
    const collected: string[] = [];
    const collector = await listen(
      createServer((request, response) => {
        collected.push(JSON.stringify([request.url, request.rawHeaders]));
        request.on("data", (chunk: Buffer) => collected.push(chunk.toString("latin1")));
        request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end('{"token":"from-elsewhere"}'));
      }),
    );
    const servers = new FaultServers(registry, archive, key, collector, collected, workplace);
    const direct = servers.session({ registry: registry.host, archive: new URL(archive.url).host }, "setup");
    await putImage(direct.repositories.open(parseRepository(`${registry.host}/acme/base`)), makeImage(debianBase()), "12");
    return servers;
  }

  /** What no message, log line or other server may ever see. */
  get secrets(): readonly string[] {
    const { username, password } = this.registry;
    const logins = [`${username}:${password}`, archiveLogin];
    return [
      ...logins.map((login) => Buffer.from(login).toString("base64")),
      ...logins.map((login) => login.slice(login.indexOf(":") + 1)),
      ...logins.map((login) => encodeURIComponent(login.slice(login.indexOf(":") + 1))),
    ];
  }

  get logFile(): string {
    return join(this.workplace.folder, "requests.log");
  }

  /** An operation with its own session, like a new provider process, aborted after `milliseconds`. */
  session(hosts: { readonly registry: string; readonly archive: string }, cache: string, milliseconds = 180_000): Session {
    const { username, password } = this.registry;
    const settings = {
      registries: { [hosts.registry]: { username, password } },
      packageSources: {
        "debian:bookworm": [
          {
            url: `http://packager:${encodeURIComponent("Archive+Secret/77")}@${hosts.archive}/debian`,
            suites: ["bookworm"],
            components: ["main"],
            keys: [this.key.armored],
          },
        ],
      },
      packageHosts: [],
      requireFresh: false,
      deferFailures: false,
      jobs: 1,
      timeout: undefined,
      cacheDirectory: join(this.workplace.folder, `cache-${cache}`),
    };
    const env = { HOME: "/nonexistent", DHI_LOG: this.logFile };
    const late = new AbortController();
    setTimeout(() => {
      late.abort(new DhiError("unavailable", "the operation took longer than dhi:timeout allows"));
    }, milliseconds).unref();
    return openSession(settings, this.workplace.folder, late.signal, env);
  }

  async stop(): Promise<void> {
    await Promise.all([this.registry.stop(), this.archive.stop(), this.collector.stop()]);
    await this.workplace.remove();
  }
}

/** Proxies in front of the three servers, and the faults that they inject. One run at a time. */
export class FaultLane {
  #plan: FaultPlan | undefined;
  #counts: Record<Place, number> = { registry: 0, tokens: 0, archive: 0 };
  #caches = 0;
  readonly #name = randomBytes(4).toString("hex");

  private constructor(
    readonly servers: FaultServers,
    readonly proxies: Record<Place, FaultProxy>,
  ) {}

  static async open(servers: FaultServers): Promise<FaultLane> {
    const realm = new URL(servers.registry.tokens?.realm ?? "");
    const choose = (place: Place) => () => lane.#strike(place);
    const tokens = await startProxy(realm.host, { onRequest: choose("tokens") });
    const registry = await startProxy(servers.registry.host, {
      onRequest: choose("registry"),
      onAnswer: (headers) => {
        const challenge = headers["www-authenticate"];
        return typeof challenge === "string" ? { ...headers, "www-authenticate": challenge.replace(realm.host, tokens.host) } : headers;
      },
    });
    const archive = await startProxy(new URL(servers.archive.url).host, { onRequest: choose("archive") });
    const lane: FaultLane = new FaultLane(servers, { registry, tokens, archive });
    return lane;
  }

  get host(): string {
    return this.proxies.registry.host;
  }

  /** Requests that each server received since the plan was set. */
  get counts(): Readonly<Record<Place, number>> {
    return this.#counts;
  }

  /** From now on these faults are injected; undefined: none. */
  plan(plan: FaultPlan | undefined): void {
    this.#plan = plan;
    this.#counts = { registry: 0, tokens: 0, archive: 0 };
  }

  /** The name of an unused cache. */
  newCache(): string {
    return `${this.#name}-${String((this.#caches += 1))}`;
  }

  session(cache: string, milliseconds?: number): Session {
    return this.servers.session({ registry: this.host, archive: this.proxies.archive.host }, cache, milliseconds);
  }

  async dropCache(cache: string): Promise<void> {
    await rm(join(this.servers.workplace.folder, `cache-${cache}`), { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await Promise.all(places.map((place) => this.proxies[place].stop()));
  }

  #strike(place: Place): Fault | undefined {
    const number = (this.#counts[place] += 1);
    const fault = this.#plan?.faults.find((one) => one.place === place && number >= one.from && number < one.from + one.count);
    return fault?.name === anotherEndpoint && this.#counts.tokens === 0 ? undefined : fault?.fault;
  }
}
