import { createHash } from "node:crypto";
import { getCACertificates } from "node:tls";
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { publicLookup } from "./public-address.js";

/** Milliseconds to open a connection, TLS included. */
const CONNECT_TIMEOUT = 15_000;

const lookup = publicLookup();

const agents = new Map<string, Dispatcher>();

/**
 * The process's connection pool for one proxy and one set of certificates, restricted to public addresses or not (a proxy resolves
 * names itself: see `refuseInternal`). Idle connections are kept alive but do not keep the process alive. HTTP/1.1 only: uploads were
 * measured slower over HTTP/2.
 */
export function agentFor(proxy: URL | undefined, certificates: readonly string[], onlyPublic: boolean): Dispatcher {
  // Pools are not shared between restricted and unrestricted requests: an unrestricted connection may lead to a private address.
  const key = `${proxy?.href ?? ""} ${onlyPublic} ${createHash("sha256").update(certificates.join("\n")).digest("hex")}`;
  const known = agents.get(key);
  if (known !== undefined) return known;
  const agent = openAgent(proxy, certificates, onlyPublic);
  agents.set(key, agent);
  return agent;
}

function openAgent(proxy: URL | undefined, certificates: readonly string[], onlyPublic: boolean): Dispatcher {
  // `ca` replaces Node's default store, so the store (which includes NODE_EXTRA_CA_CERTS) has to be passed along.
  const tls = certificates.length === 0 ? {} : { ca: [...getCACertificates("default"), ...certificates] };
  const common = { allowH2: false, keepAliveTimeout: 10_000, keepAliveMaxTimeout: 60_000 };
  return proxy === undefined
    ? new Agent({ ...common, connect: { ...tls, ...(onlyPublic ? { lookup } : {}), timeout: CONNECT_TIMEOUT } })
    : new ProxyAgent({ ...common, uri: proxy.href, connectTimeout: CONNECT_TIMEOUT, requestTls: tls, proxyTls: tls });
}
