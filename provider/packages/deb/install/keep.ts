import type { RawPath } from "../../../rootfs/tree/node.js";
import { fromTarName } from "../../../rootfs/tree/raw-path.js";

/** Files of a base to keep as bytes, up to 4 MiB each, so that packages can be installed or certificates merged. */
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
  /^var\/lib\/dpkg\/info\/[^/]+\.(?:list|conffiles|triggers|postinst)$/,
  /^var\/lib\/systemd\/deb-systemd-helper-enabled\//,
];

const packagePatterns = [
  // What the image then says it is.
  /^usr\/lib\/os-release$/,
  // A prebuilt bundle of a package that certificates are merged into.
  /^etc\/ssl\/(?:certs\/ca-certificates\.crt|cert\.pem)$/,
  /^etc\/(?:ld\.so\.conf(?:\.d\/|$)|init\.d\/|ca-certificates\.conf$)/,
  /^usr\/(?:local\/)?share\/ca-certificates\/.*\.crt$/,
  /^usr\/share\/base-passwd\/[^/]+\.master$/,
  /^usr\/share\/debianutils\/shells(?:\.d\/|$)/,
  /^usr\/lib\/(?:sysusers|tmpfiles)\.d\/[^/]+\.conf$/,
  /^(?:usr\/)?lib\/systemd\/system\/[^/]+$/,
  // Shell libraries that the scripts of several packages share.
  /^usr\/lib\/php\/php-(?:maintscript-)?helper$/,
  /^usr\/sbin\/php(?:enmod|query)$/,
  /^usr\/lib\/php\/[0-9.]+\/php\.ini-[^/]+$/,
  /^usr\/share\/(?:postgresql-common\/maintscripts-functions|mysql-common\/configure-symlinks)$/,
  /^usr\/share\/apache2\/apache2-maintscript-helper$/,
  /^(?:usr\/)?lib\/runit-helper\/runit-helper$/,
];

const scripts = ["preinst", "postinst"];

/** Paths that a package's scripts name: templates that they copy, shell code that they source. No programs or libraries. */
function namedPaths(control: ReadonlyMap<string, Buffer>): ReadonlySet<RawPath> {
  const text = scripts.map((script) => control.get(script)?.toString("latin1") ?? "").join("\n");
  const paths = text.match(/\/(?:etc|usr|var|lib|opt)\/[A-Za-z0-9._+:/-]+/g) ?? [];
  return new Set(paths.map((path) => path.slice(1)).filter((path) => !/^(?:usr\/)?s?bin\/|\.so(?:\.|$)|\.(?:jar|zip|gz)$/.test(path)));
}

/** Files of a package that installing it reads: its conffiles (dpkg records their MD5), and the inputs of its effects. */
export function keepOfPackage(control: ReadonlyMap<string, Buffer>): (path: RawPath) => boolean {
  const conffiles = new Set(conffilesOf(control));
  const named = namedPaths(control);
  const isNamed = (path: RawPath): boolean => {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    return named.has(path) || (folder.split("/").length > 3 && !/\.so(?:\.|$)/.test(path) && named.has(folder));
  };
  return (path) => conffiles.has(path) || isNamed(path) || packagePatterns.some((pattern) => pattern.test(path));
}

/** deb-conffiles(5), without those flagged remove-on-upgrade. */
export function conffilesOf(control: ReadonlyMap<string, Buffer>): readonly RawPath[] {
  const lines = (control.get("conffiles")?.toString("latin1") ?? "").split("\n");
  return lines.flatMap((line) => (/^\s*\//.test(line) ? [fromTarName(line.trim())] : []));
}
