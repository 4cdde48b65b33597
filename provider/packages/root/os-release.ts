import type { FileTree } from "../../rootfs/tree/file-tree.js";
import { readKept } from "./distribution-files.js";

/** What a root says of itself. */
interface OsRelease {
  /** `/etc/os-release` */
  readonly file: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads os-release(5), `/etc` first; undefined where there is none. Throws `DhiError` "limit" when its bytes were not kept. */
export function readOsRelease(tree: FileTree): OsRelease | undefined {
  const path = ["etc/os-release", "usr/lib/os-release"].find((one) => tree.follow(one) !== undefined);
  if (path === undefined) return undefined;
  return { file: `/${path}`, fields: parseOsRelease((readKept(tree, path) ?? Buffer.alloc(0)).toString("utf8")) };
}

/**
 * The distribution whose packages a root has: `debian`, `alpine`, or another id. Docker's hardened images say `dhi`, and in ID_LIKE which
 * of the two they are made of; other distributions that are like Debian have archives of their own.
 */
export function familyId(fields: ReadonlyMap<string, string>): string {
  const id = fields.get("ID") ?? "";
  if (id !== "dhi") return id;
  const like = (fields.get("ID_LIKE") ?? "").split(/\s+/);
  return like.find((one) => one === "debian" || one === "alpine") ?? id;
}

/** os-release(5): shell assignments without expansions. The last assignment of a name wins. */
function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, raw] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    if (key === undefined || raw === undefined) continue;
    const quoted = /^(["'])(.*)\1$/.exec(raw);
    const value = quoted === null ? raw : (quoted[2] ?? "");
    fields.set(key, quoted?.[1] === "'" ? value : value.replace(/\\(.)/g, "$1"));
  }
  return fields;
}
