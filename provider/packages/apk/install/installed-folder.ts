import { gunzipSync, gzipSync } from "node:zlib";
import { DhiError } from "../../../errors.js";
import type { RawPath } from "../../../rootfs/tree/node.js";
import { joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";

/** The folder of apk's database: below `/usr` in roots whose `/usr` is merged (Alpine 3.22 and later, Wolfi), else at the root. */
const folders: readonly RawPath[] = ["lib/apk/db", "usr/lib/apk/db"];

/** Throws `DhiError` "not-found" for a base without a database, unless the image is made from scratch. */
export function databaseFolder(editor: RootEditor, fromScratch: boolean): RawPath {
  const found = folders.find((folder) => editor.node(joinRaw(folder, "installed"))?.type === "file");
  if (found !== undefined) return found;
  if (fromScratch) return "lib/apk/db";
  throw new DhiError("not-found", "the base has no apk database, so packages cannot be added to it", {
    origin: "base",
    property: "packages",
    hint: "Use the base's development variant (-dev), or add the files from another image with artifacts",
  });
}

/** A file of the database as text, "" when it is not there. Throws `DhiError` "limit" when its bytes were not kept. */
export function readDatabase(editor: RootEditor, path: RawPath): string {
  const text = editor.text(path);
  if (text === undefined && editor.node(path) !== undefined)
    throw new DhiError("limit", `/${path} is too large to be read`, { origin: "base", hint: "Use a base with fewer packages" });
  return text ?? "";
}

/** Bytes of apk's scripts archive, decompressed; a few scripts per package stay far below this. */
const maxScripts = 64 * 1024 * 1024;

/** The archive of maintainer scripts, empty when there is none. apk 3 may hold it compressed. */
export function readScriptsArchive(editor: RootEditor, folder: RawPath): Buffer {
  const plain = editor.read(joinRaw(folder, "scripts.tar"));
  if (plain !== undefined) return plain;
  const compressed = editor.read(joinRaw(folder, "scripts.tar.gz"));
  try {
    return compressed === undefined ? Buffer.alloc(0) : gunzipSync(compressed, { maxOutputLength: maxScripts });
  } catch (cause) {
    throw new DhiError("invalid", `/${folder}/scripts.tar.gz of the base is damaged`, {
      origin: "base",
      hint: "Use a base on which apk works",
      cause,
    });
  }
}

/** Compressed if the existing archive is. */
export function writeScriptsArchive(editor: RootEditor, folder: RawPath, bytes: Buffer): void {
  const [plain, compressed] = ["scripts.tar", "scripts.tar.gz"].map((name) => joinRaw(folder, name));
  const isCompressed = editor.node(plain ?? "") === undefined && editor.node(compressed ?? "") !== undefined;
  editor.write((isCompressed ? compressed : plain) ?? "", isCompressed ? gzipSync(bytes) : bytes);
}
