import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import type { RecordedPackage } from "../../recorded-package.js";
import { headField } from "./installed-database.js";
import { installedPackages } from "./installed-packages.js";

/** The packages of apk's installed database. Throws `DhiError` "invalid", "limit". */
export function recordedApk(tree: FileTree): readonly RecordedPackage[] {
  return installedPackages(tree).map(({ name, version, architecture, origin, stanza }) => {
    const license = headField(stanza, "L");
    return {
      type: "apk",
      name,
      version,
      architecture,
      source: origin === undefined || origin === name ? undefined : { name: origin, version },
      license: license === undefined || license === "" ? undefined : Buffer.from(license, "latin1").toString("utf8"),
    };
  });
}
