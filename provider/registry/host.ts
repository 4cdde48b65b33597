import { hostName, isLoopback, portOf } from "../http/address.js";
import type { RegistryRepository } from "../image/reference.js";

/** The names of Docker Hub. */
const hubNames: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);

/** The canonical name of a registry: lower case, Docker Hub as `docker.io`, without port 443. A loopback host keeps it: without a port, it may mean port 80. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  const short = isLoopback(lower) ? lower : lower.replace(/:443$/, "");
  return hubNames.has(short) ? "docker.io" : short;
}

/** The canonical names of a URL's host: with its port, and without it when it is the default of the protocol. */
export function namesOf(url: URL): readonly string[] {
  const written = canonicalHost(`${url.hostname}:${portOf(url)}`);
  return url.port === "" ? [written, canonicalHost(url.hostname)] : [written];
}

/** Whether a URL leads to the host and port of a registry. */
export function isAtRegistry(host: string, url: URL): boolean {
  const port = /:(\d+)$/.exec(host)?.[1];
  return hostName(host) === hostName(url.hostname) && (port === undefined ? url.port === "" : port === portOf(url));
}

/** The host that serves the distribution API of a canonical host. */
export function apiHost(host: string): string {
  return host === "docker.io" ? "registry-1.docker.io" : host;
}

export function sameHost(one: RegistryRepository, other: RegistryRepository): boolean {
  return canonicalHost(one.host) === canonicalHost(other.host);
}
