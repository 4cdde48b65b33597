import { DhiError } from "../../errors.js";
import { portOf } from "../../http/address.js";
import type { DeclaredSource } from "../declared-source.js";

/** Hosts of archives that the user's stack config names: the user trusts what a base names there. */
export interface UserHosts {
  names(url: URL): boolean;
}

export interface UserHostsOptions {
  /** `dhi:packageHosts`: `host`, or `host:port` for only that port. */
  readonly listed?: readonly string[] | undefined;
  /** `dhi:packageSources`, by distribution: the host and port of each URL. */
  readonly configured?: Readonly<Record<string, readonly DeclaredSource[]>> | undefined;
}

/** Throws `DhiError` "invalid" for an entry that is not a host. */
export function userHosts({ listed = [], configured = {} }: UserHostsOptions): UserHosts {
  const known = new Set([
    ...listed.map(parseHost),
    ...Object.values(configured)
      .flat()
      .flatMap(({ url }) => placeOf(url)),
  ]);
  return { names: (url) => known.has(plainName(url)) || known.has(`${plainName(url)}:${portOf(url)}`) };
}

function parseHost(entry: string): string {
  const url = URL.canParse(`http://${entry}`) ? new URL(`http://${entry}`) : undefined;
  const port = /:(\d+)$/.exec(entry)?.[1];
  if (
    url === undefined ||
    entry.includes("@") ||
    entry.includes("*") ||
    `${url.pathname}${url.search}${url.hash}` !== "/" ||
    /[/?#]/.test(entry)
  ) {
    throw new DhiError(
      "invalid",
      `dhi:packageHosts has ${entry.includes("@") ? "an entry with a login" : `"${entry}"`}, which is not a valid host`,
      {
        hint: "Write host, or host:port, without protocol and path",
      },
    );
  }
  return port === undefined ? plainName(url) : `${plainName(url)}:${Number(port)}`;
}

function placeOf(text: string): readonly string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url === undefined || url.host === "" ? [] : [`${plainName(url)}:${portOf(url)}`];
}

/** A host name with a trailing dot is the same name. */
function plainName(url: URL): string {
  return url.hostname.replace(/\.$/, "");
}
