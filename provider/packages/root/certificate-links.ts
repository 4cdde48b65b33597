import { createHash } from "node:crypto";
import type { RawPath } from "../../rootfs/tree/node.js";
import { joinRaw } from "../../rootfs/tree/raw-path.js";
import { readCertificates, subjectHash } from "./certificate.js";
import type { RootEditor } from "./root-editor.js";

/**
 * The links by which OpenSSL finds certificates in a directory, as `openssl rehash` makes them: `<hash>.<n>` to each file with one
 * certificate, sorted by file name; a duplicate certificate gets one.
 */
export function linkByHash(editor: RootEditor, directory: RawPath): void {
  const real = editor.tree.follow(directory);
  if (real === undefined) return;
  const names = editor.tree.list(real);
  for (const name of names) {
    if (/^[0-9a-f]{8}\.[0-9]+$/.test(name) && editor.tree.get(joinRaw(real, name))?.type === "symlink") editor.remove(joinRaw(real, name));
  }
  const byHash = new Map<string, Set<string>>();
  for (const name of names) {
    if (!/\.(?:pem|crt|cer)$/.test(name)) continue;
    const [only, ...more] = readCertificates(editor.text(joinRaw(real, name)) ?? "");
    if (only === undefined || more.length > 0) continue;
    const hash = subjectHash(only.der);
    const seen = byHash.get(hash) ?? new Set();
    byHash.set(hash, seen);
    const print = createHash("sha1").update(only.der).digest("hex");
    if (seen.has(print)) continue;
    editor.link(joinRaw(real, `${hash}.${String(seen.size)}`), name);
    seen.add(print);
  }
}
