import { DhiError } from "../../errors.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import { readKept } from "../root/distribution-files.js";

/** Alpine's names by OCI's. */
const names: Readonly<Record<string, string>> = {
  "386": "x86",
  amd64: "x86_64",
  arm: "armv7",
  "arm/v6": "armhf",
  "arm/v7": "armv7",
  arm64: "aarch64",
  "arm64/v8": "aarch64",
  loong64: "loongarch64",
  ppc64le: "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
};

/** OCI's name without a variant can mean either of these. */
const arms: readonly string[] = ["armhf", "armv7"];

/**
 * apk's name of an architecture in OCI's terms (`amd64`, `arm/v7`); the base's `etc/apk/arch` decides between
 * the two of `arm`. Throws `DhiError` "invalid" for one that Alpine does not support.
 */
export function apkArchitecture(architecture: string, base: FileTree | undefined): string {
  const name = names[architecture];
  if (name === undefined)
    throw new DhiError("invalid", `Alpine has no packages for ${architecture}`, {
      hint: `It has them for ${Object.keys(names).join(", ")}`,
    });
  const own = base === undefined ? undefined : readKept(base, "etc/apk/arch")?.toString("latin1").trim();
  return architecture === "arm" && own !== undefined && arms.includes(own) ? own : name;
}
