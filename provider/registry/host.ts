import { hostName, isLoopback, portOf } from "../http/address.js";
import type { RegistryRepository } from "../image/reference.js";

/** Docker Hub under each of its names. */
const hubNames: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);

/** A registry's one name: lower case, Docker Hub as `docker.io`, without the port of TLS. A loopback one without a port may be at port 80. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  const short = isLoopback(lower) ? lower : lower.replace(/:443$/, "");
  return hubNames.has(short) ? "docker.io" : short;
}

/** The canonical names that mean a place: URLs leave out the port that their protocol has by default, and people do or do not. */
export function namesOf(url: URL): readonly string[] {
  const written = canonicalHost(`${url.hostname}:${portOf(url)}`);
  return url.port === "" ? [written, canonicalHost(url.hostname)] : [written];
}

/** Whether a URL leads to the host and port of a registry. */
export function isPlaceOf(host: string, url: URL): boolean {
  const port = /:(\d+)$/.exec(host)?.[1];
  return hostName(host) === hostName(url.hostname) && (port === undefined ? url.port === "" : port === portOf(url));
}

/** The host that answers the distribution API for a canonical host. */
export function apiHost(host: string): string {
  return host === "docker.io" ? "registry-1.docker.io" : host;
}

export function sameHost(one: RegistryRepository, other: RegistryRepository): boolean {
  return canonicalHost(one.host) === canonicalHost(other.host);
}
