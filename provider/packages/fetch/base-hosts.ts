import type { UsedArchive } from "../used-archive.js";
import type { PackageNotice } from "../packages.js";

/** The domains of Debian and Alpine: their own images name no other hosts. */
const home: ReadonlySet<string> = new Set([...["deb", "ftp", "security"].map((name) => `${name}.debian.org`), "dl-cdn.alpinelinux.org"]);

/** Whether a URL is on a distribution's own host, at the default port. The machine resolves its name, not the base. */
export function isDistributionHost({ hostname, port }: URL): boolean {
  return port === "" && home.has(hostname);
}

/** A notice for each host that only the base names. `isNamed`: whether the user names it. */
export function baseHostNotices(archives: readonly UsedArchive[], isNamed: (url: string) => boolean): readonly PackageNotice[] {
  const urls = archives.filter(({ origin, url }) => origin === "base" && !isNamed(url)).map(({ url }) => new URL(url));
  const hosts = new Set(urls.filter(({ hostname }) => !home.has(hostname)).map(({ host }) => host));
  return [...hosts].sort().map((host) => ({
    kind: "base-archive",
    message: `packages come from ${host}, which only the base names: list it in dhi:packageHosts if that is intended`,
  }));
}
