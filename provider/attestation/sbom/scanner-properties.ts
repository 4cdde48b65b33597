import * as Models from "@cyclonedx/cyclonedx-library/Models";
import type { InventoryPackage } from "../inventory.js";

/**
 * What trivy reads of a package beside its purl: the source package, by which Debian's advisories name it. Without it a scan of the document
 * would miss what a scan of the image finds.
 */
export function scannerProperties({ type, name, version, source }: InventoryPackage): readonly Models.Property[] {
  const sourceName = source?.name ?? name;
  const { epoch, upstream, release } = splitVersion(type, source?.version ?? version);
  const values = { SrcName: sourceName, SrcVersion: upstream, SrcRelease: release, SrcEpoch: epoch };
  return Object.entries(values).flatMap(([key, value]) => (value === "" ? [] : [new Models.Property(`aquasecurity:trivy:${key}`, value)]));
}

/** `[epoch:]upstream[-release]` of Debian (deb-version(7)); a version of Alpine is one part. */
function splitVersion(
  type: "deb" | "apk",
  version: string,
): { readonly epoch: string; readonly upstream: string; readonly release: string } {
  if (type === "apk") return { epoch: "", upstream: version, release: "" };
  const [, epoch = "", rest = ""] = /^(?:([0-9]+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  return dash < 0 ? { epoch, upstream: rest, release: "" } : { epoch, upstream: rest.slice(0, dash), release: rest.slice(dash + 1) };
}
