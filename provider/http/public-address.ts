import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** IPv4 networks that are not part of the public Internet (IANA IPv4 Special-Purpose Address Registry; RFC 1112 and RFC 5771 for the last). */
const nonPublic: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8], // this host
  ["10.0.0.0", 8], // private (RFC 1918)
  ["100.64.0.0", 10], // shared, for carrier-grade NAT (RFC 6598)
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // a public address, but the host of a virtual machine on Azure
  ["169.254.0.0", 16], // link-local (RFC 3927), cloud metadata services
  ["172.16.0.0", 12],
  ["192.0.0.0", 24], // IETF protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16],
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3], // multicast, reserved, broadcast
];

/** Within 2000::/3, which alone is global unicast (RFC 4291): Teredo and other protocol assignments, documentation, 6to4. */
const nonPublic6: readonly (readonly [network: string, bits: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const refused = listOf(nonPublic, "ipv4");
const refused6 = listOf(nonPublic6, "ipv6");
const global6 = listOf([["2000::", 3]], "ipv6");
const translated = listOf([["64:ff9b::", 96]], "ipv6");

function listOf(networks: typeof nonPublic, family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}

/**
 * Whether an IP address is part of the public Internet: not private, shared, loopback, link-local, unspecified, multicast or
 * reserved, nor an IPv6 form of IPv4; NAT64 (RFC 6052) counts as what it is translated to.
 */
export function isPublicAddress(address: string): boolean {
  const [plain = ""] = address.split("%", 1);
  const family = isIP(plain);
  if (family === 4) return !refused.check(plain, "ipv4");
  if (family !== 6) return false;
  if (translated.check(plain, "ipv6")) return isPublicAddress(lastFour(plain));
  return global6.check(plain, "ipv6") && !refused6.check(plain, "ipv6");
}

/** The last 32 bits of an IPv6 address, as IPv4. */
function lastFour(address: string): string {
  const hex = new URL(`http://[${address}]`).hostname.slice(1, -1);
  // A URL writes groups in hexadecimal; a run of zeros is left out.
  const [, after] = hex.split("::");
  const groups = (after ?? hex).split(":").slice(-2);
  const [high, low] = [groups.length > 1 ? groups[0] : "0", groups.at(-1)].map((group) =>
    Number.parseInt(group === "" ? "0" : (group ?? "0"), 16),
  );
  return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join(".");
}

/** A name resolves to an address that is not part of the public Internet. */
export class NotPublicError extends Error {
  readonly address: string;

  constructor(address: string) {
    super(`${address} is not a public address`);
    this.name = "NotPublicError";
    this.address = address;
  }
}

/** `dns.lookup` for all addresses of a name. */
export type Resolve = (
  name: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves names for a connection and rejects those with any address that is not public. The connection is made to the addresses
 * that were checked, so DNS rebinding (another answer to a second lookup) has no effect.
 */
export function publicLookup(resolve: Resolve = systemLookup): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      const [first] = error === null ? addresses : [];
      if (error !== null || first === undefined) {
        callback(error ?? Object.assign(new Error(`${name} has no address`), { code: "ENOTFOUND" }), "");
        return;
      }
      const internal = addresses.find(({ address }) => !isPublicAddress(address));
      if (internal !== undefined) callback(new NotPublicError(internal.address), "");
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
