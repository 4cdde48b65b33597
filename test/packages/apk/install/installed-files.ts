import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readArchive } from "../../../support/tar/read.js";
import { alpine } from "./alpine-root.js";

export const architectures = ["x86_64", "aarch64"] as const;

/** Files of Alpine's own root filesystems, latin1, by their paths. */
export function filesOfAlpine(architecture: string, paths: readonly string[]): Readonly<Record<string, string>> {
  const archive = gunzipSync(readFileSync(join(alpine ?? "", `alpine-minirootfs-3.19.4-${architecture}.tar.gz`)));
  return Object.fromEntries(readArchive(archive).flatMap(({ entry, data }) => (paths.includes(entry.path) ? [[entry.path, data]] : [])));
}
