import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { DhiError } from "../errors.js";
import { hexOf, isDigest } from "../image/digest.js";

/** XDG base directory specification: `$XDG_CACHE_HOME/pulumi-dhi` when that is absolute, else `~/.cache/pulumi-dhi`. */
export function defaultDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const xdg = env["XDG_CACHE_HOME"] ?? "";
  if (isAbsolute(xdg)) return join(xdg, "pulumi-dhi");
  return join(env["HOME"] ?? homedir(), ".cache", "pulumi-dhi");
}

/** Where the file of a key lives below the cache. Digests become their digits; other keys must be safe names. Throws `DhiError` "invalid". */
export function pathOf(kind: string, key: string): string {
  const name = isDigest(key) ? hexOf(key) : key;
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(kind) || kind === "temporary") throw new DhiError("invalid", `"${kind}" is no kind of cache file`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$/.test(name)) throw new DhiError("invalid", `"${key}" is no key of the cache`);
  return join(kind, name.slice(0, 2), name);
}
