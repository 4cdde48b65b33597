import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import { readKept } from "../../root/distribution-files.js";
import type { ApkPackage } from "../formats/apk-package.js";
import { parseStanza, splitStanzas } from "../formats/package-stanza.js";

const databases = ["lib/apk/db/installed", "usr/lib/apk/db/installed"] as const;

/** The installed packages of the base, in the order of apk's database; none for an image from scratch. Throws `DhiError`. */
export function installedPackages(base: FileTree | undefined): readonly ApkPackage[] {
  const path = base === undefined ? undefined : databases.find((one) => base.follow(one) !== undefined);
  if (base === undefined || path === undefined) return [];
  const text = (readKept(base, path) ?? Buffer.alloc(0)).toString("latin1");
  return splitStanzas(text).map((stanza) => parseStanza(headOf(stanza), `the base's /${path}`));
}

/** The text of the base's `etc/apk/world`, "" where there is none. Throws `DhiError`. */
export function worldOf(base: FileTree | undefined): string {
  return (base === undefined ? undefined : readKept(base, "etc/apk/world")?.toString("latin1")) ?? "";
}

/** The head of a stanza, before its files. */
function headOf(stanza: string): string {
  const files = stanza.search(/^F:/m);
  return files < 0 ? stanza : stanza.slice(0, files).trimEnd();
}
