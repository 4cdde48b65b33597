import { isHardened } from "../../packages/hardened.js";
import type { UnpackedPackage } from "../../packages/packages.js";
import { readOsRelease } from "../../packages/root/os-release.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { Notice } from "../notice.js";

const SHOWN = 5;

/**
 * Packages from elsewhere on a base of Docker's hardened packages (ID=dhi in os-release). A scanner that goes by that id judges every
 * package by the advisories of Docker, which know nothing of these.
 */
export function notHardened(base: FileTree, unpacked: readonly UnpackedPackage[]): readonly Notice[] {
  const foreign = unpacked.filter(({ package: { version, payload } }) => !isHardened({ version, url: payload.url }));
  const { fields } = foreign.length === 0 ? {} : (readOsRelease(base) ?? {});
  if (fields?.get("ID") !== "dhi") return [];
  const names = foreign.map(({ package: { name } }) => name).sort();
  const more = names.length > SHOWN ? ` and ${String(names.length - SHOWN)} more` : "";
  const are = names.length === 1 ? "is not a hardened package" : "are not hardened packages";
  const message = `${names.slice(0, SHOWN).join(", ")}${more} ${are}, and the base says that its packages are (ID=dhi): a scanner that goes by it shows no vulnerabilities of them. Take them from an archive of hardened packages, or judge them by the SBOM`;
  return [{ kind: "not-hardened", message }];
}
