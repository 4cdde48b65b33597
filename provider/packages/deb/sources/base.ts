import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import { splitLogin, type Login } from "../../fetch/credentials.js";
import { readKept } from "../../root/distribution-files.js";
import type { PackageSource } from "../../packages.js";
import { isSourcesFile, parseSourcesFile } from "./machine-mirror.js";
import type { SignedBy, SourceEntry } from "./entry.js";
import { ownKeys, readOwnSuite } from "./own.js";
import { trimEndOf } from "../../../text/trim.js";

export interface BaseSources {
  readonly sources: readonly PackageSource[];
  readonly logins: readonly Login[];
}

/**
 * The archives that apt in the base would read, with the keys that it would trust. Only http and https: a `file` URL means
 * the base's own disk. `Trusted: yes` is ignored. Empty where the base has no sources.
 */
export function baseSources(tree: FileTree): BaseSources {
  const entries = readEntries(tree).filter(({ url }) => /^https?:/.test(url));
  const trusted = trustedKeys(tree);
  const split = entries.map(({ url }) => splitLogin(url));
  const sources = entries.map((entry, at): PackageSource => {
    const fingerprints = entry.signedBy?.fingerprints ?? [];
    return {
      url: trimEndOf(split[at]?.url ?? entry.url, "/"),
      suites: entry.suites,
      components: entry.components,
      keys: keysOf(tree, entry, trusted),
      ...(fingerprints.length === 0 ? {} : { fingerprints }),
      ...(entry.architectures === undefined ? {} : { architectures: entry.architectures }),
      allowUnsigned: false,
      ...(entry.allowExpired ? { allowExpired: true } : {}),
      origin: "base",
    };
  });
  return { sources, logins: split.flatMap(({ login }) => (login === undefined ? [] : [login])) };
}

function readEntries(tree: FileTree): readonly SourceEntry[] {
  const files = [
    "etc/apt/sources.list",
    ...namesIn(tree, "etc/apt/sources.list.d")
      .filter(isSourcesFile)
      .map((name) => `etc/apt/sources.list.d/${name}`),
  ];
  return files.flatMap((file) => {
    const bytes = readKept(tree, file);
    return bytes === undefined ? [] : parseSourcesFile(`/${file}`, bytes.toString("latin1"));
  });
}

function keysOf(tree: FileTree, { signedBy, suites }: SourceEntry, trusted: readonly Buffer[]): readonly (string | Buffer)[] {
  const own = suites.every((suite) => readOwnSuite(suite) !== undefined);
  // Minimal bases name the archive but lack its keys; Debian's own are shipped.
  const orShipped = (keys: readonly Buffer[]): readonly (string | Buffer)[] => (keys.length === 0 && own ? ownKeys : keys);
  if (signedBy === undefined) return orShipped(trusted);
  if (signedBy.inline !== undefined) return [signedBy.inline];
  return signedBy.paths.length === 0 ? orShipped(trusted) : namedKeys(tree, signedBy, orShipped);
}

function namedKeys(
  tree: FileTree,
  { paths }: SignedBy,
  orShipped: (keys: readonly Buffer[]) => readonly (string | Buffer)[],
): readonly (string | Buffer)[] {
  const keys = paths.flatMap((path) => readKept(tree, path.replace(/^\/+/, "")) ?? []);
  return paths.every((path) => /\/debian-archive-[^/]+$/.test(path)) ? orShipped(keys) : keys;
}

/** apt-secure(8): `trusted.gpg` and the files of `trusted.gpg.d`. */
function trustedKeys(tree: FileTree): readonly Buffer[] {
  const names = namesIn(tree, "etc/apt/trusted.gpg.d").filter((name) => /\.(?:gpg|asc)$/.test(name));
  const files = ["etc/apt/trusted.gpg", ...names.map((name) => `etc/apt/trusted.gpg.d/${name}`)];
  return files.flatMap((file) => {
    const bytes = readKept(tree, file);
    return bytes === undefined || bytes.length === 0 ? [] : [bytes];
  });
}

function namesIn(tree: FileTree, folder: string): readonly string[] {
  const end = tree.follow(folder);
  return end === undefined ? [] : tree.list(end);
}
