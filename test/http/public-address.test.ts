import type { LookupAddress } from "node:dns";
import { describe, it } from "mocha";
import { createHttpClient } from "../../provider/http/client.js";
import { isPublicAddress, publicLookup } from "../../provider/http/public-address.js";
import { expect } from "../support/expectations.js";

/** The first and the last address of each network that is not public, and the neighbouring addresses where these are public. */
const ranges: readonly (readonly [before: string | undefined, first: string, last: string, after: string | undefined])[] = [
  [undefined, "0.0.0.0", "0.255.255.255", "1.0.0.0"],
  ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"],
  ["100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"],
  ["126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"],
  ["168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"],
  ["169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"],
  ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"],
  ["192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"],
  ["198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"],
  ["223.255.255.255", "224.0.0.0", "255.255.255.255", undefined],
  [undefined, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"],
  ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"],
  ["3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"],
  ["2001:200::", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"],
  ["3fff:1000::", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", undefined],
];

describe("IP addresses", () => {
  for (const [before, first, last, after] of ranges) {
    it(`from ${first} to ${last} are not public`, () => {
      for (const address of [first, last]) expect(isPublicAddress(address), address).to.equal(false);
      for (const address of [before, after]) if (address !== undefined) expect(isPublicAddress(address), address).to.equal(true);
    });
  }

  const internal = ["::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "ff02::1", "::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::7f", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:0:1::1", "localhost", ""]; // prettier-ignore
  for (const address of internal) {
    it(`such as "${address}" are not public`, () => {
      expect(isPublicAddress(address)).to.equal(false);
    });
  }

  for (const address of ["8.8.8.8", "151.101.2.132", "2a04:4e42::644", "64:ff9b::808:808", "64:ff9b::8.0.0.0"]) {
    it(`such as ${address} are public`, () => {
      expect(isPublicAddress(address)).to.equal(true);
    });
  }
});

describe("a lookup of public addresses", () => {
  const look = (addresses: readonly string[], all: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }));
      publicLookup((_, __, callback) => {
        callback(null, found);
      })("r.example", { all }, (error, address, family) => {
        if (error === null) resolve(all ? address : [address, family]);
        else reject(error);
      });
    });

  it("returns the addresses that were checked", async () => {
    expect(await look(["8.8.8.8", "2a04::1"], true)).to.deep.equal([
      { address: "8.8.8.8", family: 4 },
      { address: "2a04::1", family: 6 },
    ]);
    expect(await look(["8.8.8.8", "2a04::1"], false)).to.deep.equal(["8.8.8.8", 4]);
  });

  it("rejects a name when any of its addresses is not public", async () => {
    for (const addresses of [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["2a04::1", "fe80::1"]])
      for (const all of [true, false]) await expect(look(addresses, all)).to.be.rejectedWithError({ name: "NotPublicError" });
  });

  it("fails for a name without an address", async () => {
    await expect(look([], true)).to.be.rejectedWithError({ code: "ENOTFOUND" });
  });
});

const client = createHttpClient({ env: {}, firstDelay: 1, allowPlain: () => true });
const onlyPublic = (): { hint: string } => ({ hint: "Name it" });

describe("an HTTP client restricted to public addresses", () => {
  // Spellings of addresses in URLs, and names of this machine.
  for (const host of [
    "127.0.0.1",
    "127.0.0.1.",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "0.0.0.0",
    "169.254.169.254",
    "[fe80::1]",
  ]) {
    it(`sends no request to ${host}`, async () => {
      await expect(client.send({ method: "GET", url: `http://${host}:9/x`, onlyPublic })).to.be.rejectedWithError({
        code: "rejected",
        message: /^could not GET \/x: \S+:9 is at \S+, which is not a public address$/,
        hint: "Name it",
      });
    });
  }

  for (const host of ["localhost", "localhost.", "a.localhost", "intranet", "metadata.google.internal", "METADATA.google.internal."]) {
    for (const env of [{}, { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" }]) {
      it(`sends no request to ${host}, ${"HTTP_PROXY" in env ? "through" : "without"} a proxy`, async () => {
        for (const scheme of ["http", "https"]) {
          const url = `${scheme}://${host}:9/x`;
          await expect(
            createHttpClient({ env, firstDelay: 1, allowPlain: () => true }).send({ method: "GET", url, onlyPublic }),
          ).to.be.rejectedWithError({
            code: "rejected",
            message: `could not GET /x: ${host.toLowerCase()}:9 is not a public host name, but one of this machine or a private network`,
            hint: "Name it",
          });
        }
      });
    }
  }
});
