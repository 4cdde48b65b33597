import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { DhiError } from "../errors.js";
import { defaultDirectory } from "./directory.js";
import { readFailure, systemCode } from "./files.js";
import { isKind } from "./kinds.js";
import { isOpenToOthers } from "./owner.js";

/** The file that marks a cache, so that backup programs skip it: https://bford.info/cachedir/ */
export const MARKER = "CACHEDIR.TAG";
const SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55";
const OURS = "# This folder is the cache of pulumi-dhi, version 1.";
export const markerText = `${SIGNATURE}\n${OURS} All of it can be removed at any time.\n`;

/**
 * Chooses the folder of the cache: the default folder; `declared`, if it is marked as a cache of pulumi-dhi, missing, or private and empty
 * but for files of a cache; else `pulumi-dhi` in it, since a cache removes its oldest files and only its owner may write to it. Does not
 * create anything. Throws `DhiError` "conflict" where that folder holds other files or cannot be read, or is a link that others may have
 * created.
 */
export function placeCache(
  declared: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  uid: number | undefined = process.getuid?.(),
): string {
  const standard = resolve(defaultDirectory(env));
  const directory = declared === undefined ? standard : resolve(declared);
  if (directory === standard) return directory;
  const found = look(directory, () => statSync(directory));
  if (found?.isDirectory() === false) {
    throw new DhiError("conflict", `the cache would be ${directory}, which is not a folder`, { hint: elsewhere });
  }
  const isOpen = found !== undefined && isOpenToOthers(found, uid);
  if (isMarked(directory) || (!isOpen && isUnused(directory))) return directory;
  const inside = join(directory, "pulumi-dhi");
  if (isOpen && look(inside, () => lstatSync(inside))?.isSymbolicLink() === true) {
    throw new DhiError("conflict", `the cache would be ${inside}, a symbolic link in a folder that others can write to`, {
      hint: "Check who created it and remove it, or set dhi:cacheDirectory to a folder that only you can write to",
    });
  }
  if (inside === standard || isMarked(inside) || isUnused(inside)) return inside;
  throw new DhiError("conflict", `the cache would be ${inside}, which holds other files`, { hint: elsewhere });
}

const elsewhere = "Set dhi:cacheDirectory to an empty folder, or to one that does not exist yet";

function isMarked(directory: string): boolean {
  const path = join(directory, MARKER);
  const found = look(path, () => lstatSync(path));
  if (found?.isFile() !== true || found.size >= 10_000) return false;
  return look(path, () => readFile(path))?.startsWith(`${SIGNATURE}\n${OURS}`) === true;
}

/** Refuses a link or a pipe that has replaced the file since. */
function readFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return readFileSync(file, "latin1");
  } finally {
    closeSync(file);
  }
}

/** Missing, or empty but for files of a cache; earlier releases wrote no marker. */
function isUnused(directory: string): boolean {
  const names = look(directory, () => readdirSync(directory)) ?? [];
  const isEmpty = (name: string): boolean => look(directory, () => lstatSync(join(directory, name)))?.size === 0;
  return names.every((name) => (name === MARKER ? isEmpty(name) : name === "temporary" || isKind(name)));
}

/** Undefined where it is missing. */
function look<T>(path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT" || systemCode(thrown) === "ENOTDIR") return undefined;
    throw readFailure(thrown, "the cache", path);
  }
}
