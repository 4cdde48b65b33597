import { DhiError } from "../../errors.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { RawPath } from "../../rootfs/tree/node.js";
import { displayPath } from "../../rootfs/tree/raw-path.js";

const files: ReadonlySet<RawPath> = new Set([
  "etc/os-release",
  "usr/lib/os-release",
  // Accounts, shells, the loader's path and certificates, which packages add to.
  "etc/passwd",
  "etc/group",
  "etc/shadow",
  "etc/gshadow",
  "etc/shells",
  "etc/ld.so.conf",
  "etc/ca-certificates.conf",
  "etc/ssl/cert.pem",
  "etc/ssl/certs/ca-certificates.crt",
  "var/lib/apt/extended_states",
  "etc/apt/sources.list",
  "etc/apt/trusted.gpg",
  "etc/apk/world",
  "etc/apk/arch",
  "etc/apk/repositories",
]);

const folders: readonly RawPath[] = [
  "etc/ld.so.conf.d/",
  "etc/apt/sources.list.d/",
  "etc/apt/trusted.gpg.d/",
  "etc/apt/keyrings/",
  "usr/share/keyrings/",
  "usr/share/apk/keys/",
  "etc/apk/keys/",
  "lib/apk/db/",
  "usr/lib/apk/db/",
];

/** dpkg's database (dpkg(1), "FILES") without maintainer scripts and backup copies. */
const dpkg =
  /^var\/lib\/dpkg\/(?:status|arch|diversions|statoverride|status\.d\/.+|alternatives\/.+|triggers\/.+|info\/(?:format|.+\.(?:list|conffiles|triggers)))$/;

/** The files of a base whose bytes are needed to add packages: `keep` of `indexLayer`. */
export function keepOfBase(path: RawPath): boolean {
  return files.has(path) || dpkg.test(path) || folders.some((folder) => path.startsWith(folder));
}

/** The bytes of a file, links followed; undefined when there is none. Throws `DhiError` "limit" when its bytes were not kept. */
export function readKept(tree: FileTree, path: RawPath): Buffer | undefined {
  const end = tree.follow(path);
  const content = end === undefined ? undefined : tree.get(end)?.content;
  if (content === undefined) return undefined;
  if (content.from === "bytes") return content.bytes;
  throw new DhiError("limit", `${displayPath(path)} of the base cannot be read: it is too large, or not a file whose bytes are kept`, {
    origin: "base",
    hint: "Set packageSources with their keys, so that the base's own are not needed",
  });
}
