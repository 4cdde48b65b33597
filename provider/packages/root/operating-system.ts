import type { FileTree } from "../../rootfs/tree/file-tree.js";
import { readKept } from "./distribution-files.js";
import { familyId, readOsRelease } from "./os-release.js";

/** What a root says it is. */
export interface RootSystem {
  /** `debian`, `alpine`, `dhi`: ID of os-release(5). */
  readonly id: string;
  /** As scanners have it: with Debian's point release, `12.15`. */
  readonly version: string;
  /** The distribution whose packages it has, with its version: that of `id`, and for `dhi` the one in ID_LIKE. */
  readonly madeOf: { readonly id: string; readonly version: string };
}

/** Undefined for a root without os-release. Throws `DhiError` "limit" when the bytes of its files were not kept. */
export function systemOf(tree: FileTree): RootSystem | undefined {
  const { fields } = readOsRelease(tree) ?? {};
  const id = fields?.get("ID") ?? "";
  if (fields === undefined || id === "") return undefined;
  const stated = fields.get("VERSION_ID") ?? fields.get("VERSION_CODENAME") ?? "";
  const version = id === "debian" ? (debianVersion(tree) ?? stated) : stated;
  return { id, version, madeOf: { id: familyId(fields), version } };
}

/** The point release; testing and unstable have none. */
function debianVersion(tree: FileTree): string | undefined {
  const text = readKept(tree, "etc/debian_version")?.toString("utf8").trim();
  return text !== undefined && /^[0-9]+(?:\.[0-9]+)*$/.test(text) ? text : undefined;
}
