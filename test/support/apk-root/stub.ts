import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildApkRepository, makeApkKey } from "../archives/apk.js";
import { openFolder, type ApkFolder } from "./repository.js";

/** A repository of one package that stands in for one that the fixtures lack, signed by a key of its own. `key`: the path of the key. */
export function publishStub(
  root: string,
  { name, version, provides }: { readonly name: string; readonly version: string; readonly provides: string },
): ApkFolder & { readonly key: string } {
  const key = makeApkKey("stub.rsa.pub");
  mkdirSync(join(root, "x86_64"), { recursive: true });
  const files = buildApkRepository([{ name, version, fields: { p: provides }, files: [{ name: "usr/", type: "5", mode: 0o755 }] }], {
    key,
  });
  for (const [path, bytes] of files) writeFileSync(join(root, path), bytes);
  writeFileSync(join(root, key.name), key.publicKey);
  return { ...openFolder(join(root, "x86_64")), key: join(root, key.name) };
}
