import { hostName } from "./address.js";

/**
 * Domains of private networks, at any depth: RFC 6762 section 3 and appendix G, RFC 6761 section 6.3, RFC 8375, ICANN's
 * reservation of `internal` and, by custom, `localdomain`.
 */
const internal = ["internal", "local", "localhost", "home.arpa", "lan", "intranet", "corp", "home", "private", "localdomain"] as const;

/**
 * Whether a host name belongs to this machine or a private network: a single label, a name under `internal`, or one with an empty
 * label. `host` may have a port and a trailing dot. Addresses are not checked here.
 */
export function isInternalName(host: string): boolean {
  const name = hostName(host).replace(/\.$/, "");
  return !name.includes(".") || name.split(".").includes("") || internal.some((end) => name === end || name.endsWith(`.${end}`));
}
