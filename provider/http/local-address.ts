import { Memo } from "../async/memo.js";
import { lookup as systemLookup } from "node:dns";
import { isPublicAddress, type Resolve } from "./public-address.js";

const known = new Memo<string | undefined>("all");

/**
 * The address, not of the public Internet, that this machine resolves a name to; undefined where all are public, and where the
 * machine cannot resolve it. Asked once for a name and process: behind a proxy name servers may be slow to answer.
 */
export function localAddress(name: string, resolve: Resolve = systemLookup): Promise<string | undefined> {
  return known.run(name, () => ask(name, resolve));
}

function ask(name: string, resolve: Resolve): Promise<string | undefined> {
  return new Promise((answer) => {
    resolve(name, { all: true }, (error, addresses) => {
      answer(error === null ? addresses.find(({ address }) => !isPublicAddress(address))?.address : undefined);
    });
  });
}
