import type { ToolKind, ToolTable } from "../tool-kind.js";

/** Packages that a hardened image should not have, by name. */
const tools: ToolTable = [
  {
    kind: "shell",
    names: /^(?:bash|dash|busybox|busybox-static|zsh|ksh|ksh93u\+m|mksh|lksh|yash|fish|tcsh|csh|posh|sash|elvish|bash-static|zsh-static)$/,
  },
  {
    kind: "interpreter",
    names:
      /^(?:perl|perl-base|python3|python3-minimal|python3\.\d+(?:-minimal)?|pypy3|ruby|ruby\d[\d.]*|php\d[\d.]*-cli|nodejs|lua5\.\d|luajit|tcl|tcl8\.\d|guile-\d[\d.]*|gawk|mawk|original-awk|erlang-base|default-jre-headless|openjdk-\d+-jre-headless)$/,
  },
  {
    kind: "package manager",
    names:
      /^(?:apt|aptitude|dpkg|rpm|dnf|yum|zypper|opkg|apk-tools|snapd|flatpak|nix-bin|guix|python3-pip|pipx|npm|yarnpkg|composer|cargo|rubygems|luarocks)$/,
  },
];

/** What a package is by its name, if it is one that a hardened image should not have. */
export function toolOf(name: string): ToolKind | undefined {
  return tools.find(({ names }) => names.test(name))?.kind;
}
