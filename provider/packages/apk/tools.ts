import type { ToolKind, ToolTable } from "../tool-kind.js";

/** Packages that a hardened image should not have, by Alpine's names. */
const tools: ToolTable = [
  {
    kind: "shell",
    names: /^(?:bash|busybox|busybox-static|dash|elvish|fish|ion-shell|loksh|mksh|nushell|oils-for-unix|oksh|tcsh|yash|zsh)$/,
  },
  {
    kind: "interpreter",
    names:
      /^(?:erlang\d*|gawk|guile|lua5\.\d|luajit|mawk|nodejs|nodejs-current|openjdk\d+-jre-headless|perl|php\d+|python3|ruby|rakudo|tcl|deno|micropython)$/,
  },
  {
    kind: "package manager",
    names:
      /^(?:apk-tools|apk-tools-static|cargo|composer|dpkg|flatpak|npm|opkg|pipx|pnpm|py3-pip|rpm|ruby-bundler|ruby-rake|yarn|nix|luarocks.*)$/,
  },
];

/** What a package is by its name, if it is one that a hardened image should not have. */
export function toolOf(name: string): ToolKind | undefined {
  return tools.find(({ names }) => names.test(name))?.kind;
}
