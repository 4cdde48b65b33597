import { DhiError } from "../../errors.js";
import type { RawPath } from "../../rootfs/node.js";
import { joinRaw } from "../../rootfs/raw-path.js";
import type { RootEditor } from "../root-editor.js";

/** Where apk keeps its database: below `/usr` in roots whose `/usr` is merged (Alpine 3.22 and later, Wolfi), else at the root. */
const folders: readonly RawPath[] = ["lib/apk/db", "usr/lib/apk/db"];

/** Throws `invalid` for a base without a database, unless an image is made from nothing. */
export function databaseFolder(editor: RootEditor, fromScratch: boolean): RawPath {
  const found = folders.find((folder) => editor.node(joinRaw(folder, "installed"))?.type === "file");
  if (found !== undefined) return found;
  if (fromScratch) return "lib/apk/db";
  throw new DhiError("invalid", "the base has no database of apk's, so packages cannot be added to it", {
    origin: "base",
    property: "packages",
    hint: "Take the base's variant for development (-dev), or the files from an image by artifacts",
  });
}

/** A file of the database as text, "" when it is not there. Throws `limit` when its bytes were not kept. */
export function readDatabase(editor: RootEditor, path: RawPath): string {
  const text = editor.text(path);
  if (text === undefined && editor.node(path) !== undefined)
    throw new DhiError("limit", `/${path} is larger than what is read of it`, { origin: "base", hint: "Take a base with fewer packages" });
  return text ?? "";
}
