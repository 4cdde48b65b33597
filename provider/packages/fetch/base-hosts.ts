import type { UsedArchive } from "../used-archive.js";
import type { PackageNotice } from "../packages.js";

/** Where Debian and Alpine are at home: bases of theirs name nothing else. */
const home: ReadonlySet<string> = new Set([...["deb", "ftp", "security"].map((name) => `${name}.debian.org`), "dl-cdn.alpinelinux.org"]);

/** Whether a URL is of a distribution's own host, at its usual port. Where its name leads is the machine's word, and not the base's. */
export function isDistributionHost({ hostname, port }: URL): boolean {
  return port === "" && home.has(hostname);
}

/** A notice for each host that only the base names. `isNamed`: whether the user does. */
export function baseHostNotices(archives: readonly UsedArchive[], isNamed: (url: string) => boolean): readonly PackageNotice[] {
  const urls = archives.filter(({ origin, url }) => origin === "base" && !isNamed(url)).map(({ url }) => new URL(url));
  const hosts = new Set(urls.filter(({ hostname }) => !home.has(hostname)).map(({ host }) => host));
  return [...hosts].sort().map((host) => ({
    kind: "base-archive",
    message: `packages come from ${host}, which the base alone names: list it in dhi:packageHosts if that is meant`,
  }));
}
