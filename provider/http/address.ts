/**
 * True for `localhost`, names under it, 127.0.0.0/8 and ::1 (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3). `host` may have a port
 * and a trailing dot.
 */
export function isLoopback(host: string): boolean {
  const name = hostName(host).replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** `host[:port]` without its port, and IPv6 without brackets; lower case. */
export function hostName(host: string): string {
  const lower = host.toLowerCase();
  if (lower.startsWith("[")) return lower.slice(1, lower.indexOf("]"));
  const colon = lower.indexOf(":");
  return colon < 0 || colon !== lower.lastIndexOf(":") ? lower : lower.slice(0, colon);
}

/** The port of a URL, also when it is the default of the protocol. */
export function portOf(url: URL): string {
  if (url.port !== "") return url.port;
  return url.protocol === "https:" ? "443" : "80";
}
