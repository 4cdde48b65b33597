import type { RawPath } from "../../rootfs/node.js";
import { fromTarName } from "../../rootfs/raw-path.js";

/** What is read of a base that packages are installed into, or whose certificates are merged: files to keep as bytes, up to 4 MiB each. */
export function keepOfBase(path: RawPath): boolean {
  return basePatterns.some((pattern) => pattern.test(path));
}

const basePatterns = [
  /^etc\//,
  /^usr\/(?:local\/)?share\/ca-certificates\/.*\.crt$/,
  /^usr\/lib\/os-release$/,
  /^(?:usr\/)?lib\/systemd\/system\/[^/]+$/,
  /^usr\/share\/debianutils\/shells(?:\.d\/|$)/,
  /^var\/lib\/apt\/extended_states$/,
  /^var\/lib\/ca-certificates\/ca-bundle\.pem$/,
  /^var\/lib\/dpkg\/(?:status|arch|diversions|statoverride)$/,
  /^var\/lib\/dpkg\/(?:alternatives|status\.d|triggers)\//,
  /^var\/lib\/dpkg\/info\/[^/]+\.(?:list|conffiles|triggers)$/,
  /^var\/lib\/systemd\/deb-systemd-helper-enabled\//,
];

const packagePatterns = [
  // A bundle that certificates are merged into, where a package has it ready.
  /^etc\/ssl\/(?:certs\/ca-certificates\.crt|cert\.pem)$/,
  /^etc\/(?:ld\.so\.conf(?:\.d\/|$)|init\.d\/|ca-certificates\.conf$)/,
  /^usr\/(?:local\/)?share\/ca-certificates\/.*\.crt$/,
  /^usr\/share\/base-passwd\/[^/]+\.master$/,
  /^usr\/share\/debianutils\/shells(?:\.d\/|$)/,
  /^usr\/lib\/(?:sysusers|tmpfiles)\.d\/[^/]+\.conf$/,
  /^(?:usr\/)?lib\/systemd\/system\/[^/]+$/,
];

/** What is read of a package when it is installed: its conffiles (dpkg records their MD5), and what its effects are made from. */
export function keepOfPackage(control: ReadonlyMap<string, Buffer>): (path: RawPath) => boolean {
  const conffiles = new Set(conffilesOf(control));
  return (path) => conffiles.has(path) || packagePatterns.some((pattern) => pattern.test(path));
}

/** deb-conffiles(5), without those that the package tells dpkg to remove. */
export function conffilesOf(control: ReadonlyMap<string, Buffer>): readonly RawPath[] {
  const lines = (control.get("conffiles")?.toString("latin1") ?? "").split("\n");
  return lines.flatMap((line) => (/^\s*\//.test(line) ? [fromTarName(line.trim())] : []));
}
