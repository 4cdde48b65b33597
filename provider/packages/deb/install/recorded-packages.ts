import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import type { RecordedPackage } from "../../recorded-package.js";
import { readKept } from "../../root/distribution-files.js";
import { fieldOf, parseParagraphs, type Paragraph } from "../formats/control.js";

/** dpkg's states in which a package's files are there and configured (dpkg(1), "Package states"). */
const present = new Set(["installed", "triggers-awaited", "triggers-pending"]);

/** dpkg's database, in either form. Throws `DhiError` "invalid", "limit". */
export function readDatabase(base: FileTree): readonly Paragraph[] {
  const status = readKept(base, "var/lib/dpkg/status");
  if (status !== undefined && status.length > 0) return parseParagraphs(status.toString("latin1"), "the base's /var/lib/dpkg/status");
  return base
    .list("var/lib/dpkg/status.d")
    .filter((name) => !name.endsWith(".md5sums"))
    .flatMap((name) => {
      const path = `var/lib/dpkg/status.d/${name}`;
      return parseParagraphs((readKept(base, path) ?? Buffer.alloc(0)).toString("latin1"), `the base's /${path}`);
    });
}

/** Whether a paragraph is of a package that is installed; those of `status.d` have no Status field. */
export function isPresent(fields: Paragraph): boolean {
  const status = fieldOf(fields, "Status");
  if (status === undefined) return true;
  const [, , state = ""] = status.trim().split(/\s+/);
  return present.has(state);
}

/** The installed packages of every architecture. */
export function recordedDebian(tree: FileTree): readonly RecordedPackage[] {
  return readDatabase(tree).flatMap((fields) => {
    const [name, version] = [fieldOf(fields, "Package"), fieldOf(fields, "Version")];
    if (name === undefined || version === undefined || !isPresent(fields)) return [];
    const source = sourceOf(fieldOf(fields, "Source"), name, version);
    return [{ type: "deb", name, version, architecture: fieldOf(fields, "Architecture") ?? "", source, license: undefined }];
  });
}

/** `Source: name (version)`, the version left out where it is the package's own (deb-control(5)). */
function sourceOf(text = "", own: string, ownVersion: string): RecordedPackage["source"] {
  const [, name, version = ownVersion] = /^([^\s()]+)(?:\s*\(([^()\s]+)\))?\s*$/.exec(text) ?? [];
  return name === undefined || (name === own && version === ownVersion) ? undefined : { name, version };
}
