import { DhiError } from "../../errors.js";
import type { FileNode } from "../tree/node.js";

const XATTR = "SCHILY.xattr.";
const LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";

/** star's records that describe the machine that wrote the archive, or the archive itself. */
const dropped = new Set(["dev", "ino", "nlink", "filetype", "realsize", "devmajor", "devminor"].map((name) => `SCHILY.${name}`));

export const NO_RECORDS: FileNode["pax"] = Object.freeze({});

/**
 * The records that belong to the inode: xattrs, ACLs and star's other ones. libarchive's form of an xattr (name
 * URL-encoded, value in base64: libarchive-formats(5)) is converted to star's, which takes precedence where both are present.
 */
export function keptRecords(pax: ReadonlyMap<string, string>): FileNode["pax"] {
  let kept: Record<string, string> | undefined;
  for (const [key, value] of pax) {
    if (key.startsWith("SCHILY.") && !dropped.has(key)) (kept ??= {})[key] = value;
  }
  for (const [key, value] of pax) {
    if (!key.startsWith(LIBARCHIVE_XATTR)) continue;
    const name = XATTR + urlDecoded(key.slice(LIBARCHIVE_XATTR.length));
    (kept ??= {})[name] ??= Buffer.from(value, "base64").toString("latin1");
  }
  return kept ?? NO_RECORDS;
}

function urlDecoded(name: string): string {
  const decoded = name.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (/[=\0]/.test(decoded)) throw new DhiError("invalid", `its xattr ${JSON.stringify(name)} has a name that tar cannot represent`);
  return decoded;
}
