import { isIP } from "node:net";
import { DhiError } from "../errors.js";
import { hostName } from "./address.js";
import { isInternalName } from "./internal-name.js";
import { localAddress } from "./local-address.js";
import { isPublicAddress } from "./public-address.js";

/**
 * Rejects a URL that is known to be internal before a connection is opened: an address literal, which is never resolved, the name of a
 * private network, and, as a proxy resolves names itself, a name that this machine resolves to such an address. Throws `DhiError` "rejected".
 */
export async function refuseInternal(
  url: URL,
  byProxy: boolean,
  purpose: string,
  hint: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const host = hostName(url.hostname);
  if (isIP(host) !== 0) {
    if (!isPublicAddress(host)) throw notPublic(url, host, purpose, hint);
    return;
  }
  if (isInternalName(host))
    throw new DhiError(
      "rejected",
      `could not ${purpose}: ${url.host} is not a public host name, but one of this machine or a private network`,
      {
        hint,
      },
    );
  const found = byProxy ? await unlessAborted(localAddress(host), signal) : undefined;
  if (found !== undefined) throw notPublic(url, found, purpose, hint);
}

export function notPublic(url: URL, address: string, purpose: string, hint: string | undefined): DhiError {
  return new DhiError("rejected", `could not ${purpose}: ${url.host} is at ${address}, which is not a public address`, { hint });
}

/** A look-up cannot be cancelled; where it is no longer wanted, the request that follows says so. `work` never fails. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve(undefined);
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    void work.then((found) => {
      signal?.removeEventListener("abort", stop);
      resolve(found);
    });
  });
}
