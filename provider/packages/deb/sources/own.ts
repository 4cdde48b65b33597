import { debianCodenames } from "../../root/distribution.js";
import type { Distribution, PackageSource } from "../../packages.js";
import { shippedKeys } from "../keyrings/keyrings.js";

/** Which part of Debian's own archive a suite is. */
export type OwnSuite = "release" | "updates" | "security";

/** Parses a suite of Debian's own archive: `release` is undefined for moving names, such as `stable`. Undefined for other suites. */
export function readOwnSuite(suite: string): { readonly release: string | undefined; readonly part: OwnSuite } | undefined {
  const [, name, part = "release"] = /^([a-z]+)(?:-(updates|security))?$/.exec(suite) ?? [];
  if (name === undefined) return undefined;
  const moving = /^(?:(?:old){0,2}stable|testing|unstable)$/.test(name);
  if (!moving && !debianCodenames.has(name)) return undefined;
  return { release: moving ? undefined : name, part: part as OwnSuite };
}

/** The keys that pulumi-dhi ships, as `PackageSource.keys`. */
export const ownKeys: readonly string[] = shippedKeys.map(({ armored }) => armored);

/** The public places of Debian's archive. */
export const publicArchive = "http://ftp.debian.org/debian";
export const publicSecurity = "http://security.debian.org/debian-security";

/** Debian's own archive: release and updates in one place, security in another. Unstable has only the release. */
export function ownArchive(
  { release }: Distribution,
  main: Pick<PackageSource, "url" | "origin">,
  updates: Pick<PackageSource, "url" | "origin">,
  security: Pick<PackageSource, "url" | "origin">,
): readonly PackageSource[] {
  const source = (place: Pick<PackageSource, "url" | "origin">, suites: readonly string[]): PackageSource => ({
    url: place.url,
    suites,
    components: ["main"],
    keys: ownKeys,
    allowUnsigned: false,
    origin: place.origin,
  });
  if (release === "sid") return [source(main, [release])];
  const together = updates.url === main.url;
  return [
    source(main, together ? [release, `${release}-updates`] : [release]),
    ...(together ? [] : [source(updates, [`${release}-updates`])]),
    source(security, [`${release}-security`]),
  ];
}
