import type { RegistryRepository } from "../image/reference.js";

/** Docker Hub under each of its names. */
const hubNames: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);

/** A registry's one name: lower case, Docker Hub as `docker.io`. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase().replace(/:443$/, "");
  return hubNames.has(lower) ? "docker.io" : lower;
}

/** The host that answers the distribution API for a canonical host. */
export function apiHost(host: string): string {
  return host === "docker.io" ? "registry-1.docker.io" : host;
}

export function sameHost(one: RegistryRepository, other: RegistryRepository): boolean {
  return canonicalHost(one.host) === canonicalHost(other.host);
}
