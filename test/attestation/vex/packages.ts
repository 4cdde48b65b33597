import type { VexPackage } from "../../../provider/attestation/vex/names-package.js";

/** A Debian package of the base; `fields` say what is different. */
export function debian(name: string, version: string, fields: Partial<VexPackage> = {}): VexPackage {
  return { type: "deb", namespace: "debian", name, version, architecture: "amd64", origin: "base", distro: "debian-13.6", ...fields };
}

export function alpine(name: string, version: string, fields: Partial<VexPackage> = {}): VexPackage {
  return { type: "apk", namespace: "alpine", name, version, architecture: "x86_64", origin: "base", distro: "3.22.1", ...fields };
}
