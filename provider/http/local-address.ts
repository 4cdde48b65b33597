import { Memo } from "../async/memo.js";
import { lookup as systemLookup } from "node:dns";
import { isPublicAddress, type Resolve } from "./public-address.js";

const known = new Memo<string | undefined>("all");

/**
 * The first non-public address that this machine resolves a name to; undefined when all are public, or when the name cannot be
 * resolved. Resolved once a name and process: behind a proxy, name servers may be slow to answer.
 */
export function localAddress(name: string, resolve: Resolve = systemLookup): Promise<string | undefined> {
  return known.run(name, () => findLocalAddress(name, resolve));
}

function findLocalAddress(name: string, resolve: Resolve): Promise<string | undefined> {
  return new Promise((done) => {
    resolve(name, { all: true }, (error, addresses) => {
      done(error === null ? addresses.find(({ address }) => !isPublicAddress(address))?.address : undefined);
    });
  });
}
