import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DhiError } from "../errors.js";
import { defaultDirectory } from "./directory.js";
import { isKind } from "./kinds.js";

/** The file that marks a cache, by which archivers know one too: https://bford.info/cachedir/ */
export const MARKER = "CACHEDIR.TAG";
const SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55";
const OURS = "# This folder is the cache of pulumi-dhi, version 1.";
export const markerText = `${SIGNATURE}\n${OURS} All of it can be removed at any time.\n`;

/**
 * Where the cache is: the default folder; `declared`, if it is a cache of ours, empty or missing; else `pulumi-dhi` in it, since
 * a cache removes its oldest files. Only looks. Throws `DhiError` "conflict" where that folder holds other things too.
 */
export function placeCache(declared: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const usual = resolve(defaultDirectory(env));
  const directory = declared === undefined ? usual : resolve(declared);
  if (directory === usual || isOurs(directory)) return directory;
  const inside = join(directory, "pulumi-dhi");
  if (inside === usual || isOurs(inside)) return inside;
  throw new DhiError("conflict", `the cache would be ${inside}, which holds other things`, {
    hint: "Set dhi:cacheDirectory to an empty folder, or to one that does not exist yet",
  });
}

/** Marked, or with nothing in it but what a cache has; earlier releases left no marker. */
function isOurs(directory: string): boolean {
  const names = listFolder(directory);
  if (names.includes(MARKER) && isMarker(join(directory, MARKER))) return true;
  return names.every((name) => (name === MARKER ? lstatSync(join(directory, name)).size === 0 : name === "temporary" || isKind(name)));
}

function listFolder(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Missing, or not to be read: the first write says why.
    return [];
  }
}

function isMarker(path: string): boolean {
  const found = lstatSync(path);
  return found.isFile() && found.size < 10_000 && readFileSync(path, "latin1").startsWith(`${SIGNATURE}\n${OURS}`);
}
