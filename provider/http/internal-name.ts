import { hostName } from "./address.js";

/**
 * What a private network calls its own, at any depth: RFC 6762 section 3 and appendix G, RFC 6761 section 6.3, RFC 8375, ICANN's
 * reservation of `internal` and, by custom, `localdomain`.
 */
const internal = ["internal", "local", "localhost", "home.arpa", "lan", "intranet", "corp", "home", "private", "localdomain"] as const;

/**
 * Whether a host name is one of the machine's or of a private network: a single label, a name under `internal`, or one with an empty
 * label. `host` may carry a port and the root's dot. Addresses are not judged here.
 */
export function isInternalName(host: string): boolean {
  const name = hostName(host).replace(/\.$/, "");
  return !name.includes(".") || name.split(".").includes("") || internal.some((end) => name === end || name.endsWith(`.${end}`));
}
