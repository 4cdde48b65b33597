import { DhiError } from "../../errors.js";
import type { RawPath } from "../tree/node.js";
import { toRawPath } from "../tree/raw-path.js";
import { compileGlob, isGlob } from "./glob.js";

/** One include or exclude as declared, compiled: the whole tree, a path, or a glob. */
export type PathPattern = { readonly text: string } & (
  | { readonly kind: "root" }
  | { readonly kind: "path"; readonly path: RawPath }
  | {
      readonly kind: "glob";
      /** The glob can match only below this directory, given by its leading parts without wildcards. */
      readonly below: RawPath;
      /** Number of parts of a path that can match; undefined where `**`, brackets or escapes leave it open. */
      readonly depth: number | undefined;
      readonly matches: (path: string) => boolean;
    }
);

/** `/` and `.` stand for the whole tree; a leading slash makes no difference. Throws `DhiError` "invalid". */
export function parsePathPattern(text: string): PathPattern {
  if (text === "") {
    throw new DhiError("invalid", '"" is not a path', { hint: "Write a path or a glob such as /opt/**; / takes everything" });
  }
  if (/^\/+$/.test(text) || text === ".") return { text, kind: "root" };
  if (!isGlob(text)) return { text, kind: "path", path: toRawPath(text) };
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new DhiError("invalid", `"${text}" contains ".."`, { hint: "Write the resulting path itself" });
  const glob = parts.join("/");
  const plain = parts.slice(0, parts.findIndex(isGlob)).join("/");
  const depth = /\*\*|[[\\]/.test(glob) ? undefined : parts.length;
  return { text, kind: "glob", below: Buffer.from(plain).toString("latin1"), depth, matches: compileGlob(glob, text) };
}
