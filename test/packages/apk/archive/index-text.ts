import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readSmallTar } from "../../../../provider/packages/apk/formats/small-tar.js";

/** The text of a folder's APKINDEX, unverified. */
export function readApkIndexText(folder: string): string {
  // The signature's tar has no end of its own, so that both are one.
  const files = readSmallTar(gunzipSync(readFileSync(join(folder, "APKINDEX.tar.gz"))));
  return files.get("APKINDEX")?.bytes.toString("latin1") ?? "";
}
