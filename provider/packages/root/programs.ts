import type { RawPath } from "../../rootfs/tree/node.js";
import { baseNameOf, parentOf } from "../../rootfs/tree/raw-path.js";

/** Programs that a hardened image should not have. */
export type ProgramKind = "shell" | "package manager";

/** By the names of their files, in Debian, Alpine and BusyBox; those of packages are in `toolOf` of each family. */
const programs: Readonly<Record<ProgramKind, ReadonlySet<string>>> = {
  shell: new Set([
    ...["ash", "bash", "bash-static", "busybox", "busybox.static", "csh", "dash", "elvish", "fish", "hush", "ion", "ksh", "ksh93", "lksh"],
    ...["loksh", "mksh", "mksh-static", "nu", "oksh", "osh", "posh", "pwsh", "rbash", "rksh", "rzsh", "sash", "sh", "static-sh", "tcsh"],
    ...["toybox", "xonsh", "yash", "zsh", "zsh-static"],
  ]),
  "package manager": new Set([
    ...[
      "apk",
      "apk.static",
      "apt",
      "apt-get",
      "aptitude",
      "cargo",
      "composer",
      "conda",
      "corepack",
      "dnf",
      "dnf5",
      "dpkg",
      "flatpak",
      "gem",
    ],
    ...[
      "guix",
      "luarocks",
      "mamba",
      "microdnf",
      "micromamba",
      "nix",
      "nix-env",
      "npm",
      "npx",
      "opkg",
      "pip",
      "pip3",
      "pipx",
      "pnpm",
      "poetry",
    ],
    ...["rpm", "snap", "uv", "yarn", "yum", "zypper"],
  ]),
};

/** Folders of programs by their last part: those of PATH, and the `/busybox` of debug images. */
const folders: ReadonlySet<string> = new Set(["bin", "sbin", "busybox"]);

/** Whether a path is where programs are looked for, and has the name of one of this kind: `usr/bin/bash`, `usr/bin/pip3.13`. */
export function isProgramPath(path: RawPath, kind: ProgramKind): boolean {
  const name = baseNameOf(path);
  return (programs[kind].has(name) || programs[kind].has(withoutVersion(name))) && folders.has(baseNameOf(parentOf(path)));
}

/** `pip` of `pip3.13`. */
function withoutVersion(name: string): string {
  const digit = name.search(/\d/);
  return digit > 0 && /^[\d.]+$/.test(name.slice(digit)) ? name.slice(0, digit) : name;
}
