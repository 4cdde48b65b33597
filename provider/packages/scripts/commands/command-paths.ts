import type { RawPath } from "../../../rootfs/tree/node.js";
import { fromTarName } from "../../../rootfs/tree/raw-path.js";

/** An absolute path as a raw path; undefined for any other. */
export function rawPath(path: string | undefined): RawPath | undefined {
  return path?.startsWith("/") === true && !path.split("/").includes("..") ? fromTarName(path) : undefined;
}

/** All of them, at least one. */
export function rawPaths(paths: readonly string[]): readonly RawPath[] | undefined {
  const raw = paths.map(rawPath);
  return raw.length === 0 || raw.includes(undefined) ? undefined : raw.flatMap((path) => path ?? []);
}
