// Where the scripts keep what is expensive to build: tools, rootfs tars, other Node versions.
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const staleAfterMs = 24 * 3600 * 1000;

/** The user's cache folder of this project, or a folder in it: `${XDG_CACHE_HOME:-~/.cache}/pulumi-dhi/…`. */
export const cacheFolder = (...parts) => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-dhi", ...parts);

/** A new empty folder beside the final one, to be renamed; removes leftovers of killed runs that are older than a day. */
export function makeWorkFolder(parent) {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const old = join(parent, name);
    if (name.startsWith(".work-") && Date.now() - statSync(old).mtimeMs > staleAfterMs) rmSync(old, { recursive: true, force: true });
  }
  const folder = join(parent, `.work-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder);
  return folder;
}
