import { BlockList, isIP } from "node:net";
import { DhiError } from "../errors.js";
import { holdLogin } from "../text/redaction.js";
import { hostName, isLoopback, portOf } from "./address.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, or undefined. Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY like Go's `httpproxy`: also in lower
 * case, upper case first; loopback is never proxied; a proxy without a scheme is http. Throws `DhiError` "invalid".
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  if (isLoopback(url.hostname)) return undefined;
  const names = url.protocol === "https:" ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
  const name = names.find((candidate) => (env[candidate] ?? "") !== "");
  const value = name === undefined ? "" : (env[name] ?? "");
  if (name === undefined || value === "" || isExcluded(url, noProxy(env))) return undefined;
  const proxy = parseProxy(value);
  if (proxy === undefined) {
    throw new DhiError("invalid", `the environment variable ${name} is not a valid proxy URL`, {
      hint: "Set it to http://host:port, or unset it",
    });
  }
  if (proxy.password !== "") holdLogin(decoded(proxy.username), decoded(proxy.password));
  return proxy;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function noProxy(env: Environment): string {
  const upper = env["NO_PROXY"] ?? "";
  return upper === "" ? (env["no_proxy"] ?? "") : upper;
}

function parseProxy(text: string): URL | undefined {
  const full = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(full)) return undefined;
  const url = new URL(full);
  return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
}

function isExcluded(url: URL, list: string): boolean {
  const host = hostName(url.hostname);
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), host, portOf(url)));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return inNetwork(entry, host);
  const wantedHost = hostName(entry);
  const wantedPort = /^(?:\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry)?.[1];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  if (isIP(wantedHost) !== 0) return wantedHost === host;
  if (wantedHost.startsWith("*.")) return host.endsWith(wantedHost.slice(1));
  return wantedHost.startsWith(".") ? host.endsWith(wantedHost) : host === wantedHost || host.endsWith(`.${wantedHost}`);
}

function inNetwork(entry: string, host: string): boolean {
  const family = isIP(host);
  const [network = "", bits = ""] = entry.split("/");
  if (family === 0 || isIP(network) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}
