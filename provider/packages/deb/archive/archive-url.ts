import { DhiError } from "../../../errors.js";
import type { PackageSource } from "../../packages.js";
import { isPlainPath } from "./release.js";
import { trimEndOf } from "../../../text/trim.js";

/** The folder of a suite's Release file and package indexes; a suite that is an exact path ends in a slash and is that folder. */
export function suiteUrl(source: Pick<PackageSource, "url">, suite: string): string {
  const root = trimEndOf(source.url, "/");
  if (!suite.endsWith("/")) return `${root}/dists/${suite}`;
  const path = trimEndOf(suite.replace(/^(?:\.?\/)+/, ""), "/");
  return path === "" ? root : `${root}/${path}`;
}

/** The URL of a package by its `Filename` (Debian wiki, DebianRepository/Format). Throws `DhiError` "invalid" for one that escapes the archive. */
export function payloadUrl(source: Pick<PackageSource, "url">, filename: string): string {
  const path = filename.replace(/^(?:\.\/)+/, "");
  if (!isPlainPath(path)) {
    throw new DhiError(
      "invalid",
      `${source.url} names ${JSON.stringify(filename.slice(0, 200))} as a package's file, which is not a path in the archive`,
      {
        origin: "packages",
      },
    );
  }
  // A percent sign is part of the name: "_1%3a2.0_" is stored in that form.
  return `${trimEndOf(source.url, "/")}/${path.replaceAll("%", "%25")}`;
}
