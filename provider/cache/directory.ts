import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { DhiError } from "../errors.js";
import { hexOf, isDigest } from "../image/digest.js";
import { isKind, type CacheKind } from "./kinds.js";

/** XDG base directory specification: `$XDG_CACHE_HOME/pulumi-dhi` when that is absolute, else `~/.cache/pulumi-dhi`. */
export function defaultDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const xdg = env["XDG_CACHE_HOME"] ?? "";
  if (isAbsolute(xdg)) return join(xdg, "pulumi-dhi");
  return join(env["HOME"] ?? homedir(), ".cache", "pulumi-dhi");
}

/** Where a file of the cache is. */
export interface CachePlace {
  readonly kind: CacheKind;
  /** Within the folder of its kind, so that no folder holds too many files. */
  readonly shard: string;
  readonly name: string;
}

/**
 * The path of a key's file below the cache. Digests become their hex digits; other keys must be safe names. Throws `DhiError` "invalid".
 */
export function placeOf(kind: string, key: string): CachePlace {
  const name = isDigest(key) ? hexOf(key) : key;
  if (!isKind(kind)) throw new DhiError("invalid", `"${kind}" is not a kind of file that the cache keeps`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{1,199}$/.test(name)) throw new DhiError("invalid", `"${key}" is not a valid key of the cache`);
  return { kind, shard: name.slice(0, 2), name };
}
