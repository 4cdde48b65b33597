import type { PackageNotice } from "../../packages.js";
import { formatDependency } from "../formats/dependency.js";
import type { DebianPackage } from "./package.js";
import { formatChain } from "../../chain.js";
import { chainOf, type Chosen } from "./reason.js";
import type { Selection } from "./selection.js";

/** What a hardened image would rather not have, by package name. */
const kinds: readonly { readonly what: string; readonly names: RegExp }[] = [
  {
    what: "a shell",
    names: /^(?:bash|dash|busybox|busybox-static|zsh|ksh|ksh93u\+m|mksh|lksh|yash|fish|tcsh|csh|posh|sash|elvish|bash-static|zsh-static)$/,
  },
  {
    what: "an interpreter",
    names:
      /^(?:perl|perl-base|python3|python3-minimal|python3\.\d+(?:-minimal)?|pypy3|ruby|ruby\d[\d.]*|php\d[\d.]*-cli|nodejs|lua5\.\d|luajit|tcl|tcl8\.\d|guile-\d[\d.]*|gawk|mawk|original-awk|erlang-base|default-jre-headless|openjdk-\d+-jre-headless)$/,
  },
  {
    what: "a package manager",
    names:
      /^(?:apt|aptitude|dpkg|rpm|dnf|yum|zypper|opkg|apk-tools|snapd|flatpak|nix-bin|guix|python3-pip|pipx|npm|yarnpkg|composer|cargo|rubygems|luarocks)$/,
  },
];

/** A shell, interpreter or package manager that comes in and was not there. */
export function noticeTools(selection: Selection, isNew: (found: DebianPackage) => boolean): readonly PackageNotice[] {
  return byName(selection.chosen).flatMap((chosen) => {
    const { name } = chosen.package;
    const kind = kinds.find(({ names }) => names.test(name));
    if (kind === undefined || !isNew(chosen.package)) return [];
    const how = chosen.owner === undefined ? "as asked for" : `by ${formatChain(chainOf(chosen))}`;
    return [{ kind: "shell-added", message: `${name}, ${kind.what}, comes in ${how}`, package: name }];
  });
}

/** What the packages that were asked for recommend and the image will not have; those of their dependencies stay untold. */
export function noticeRecommends(wanted: readonly DebianPackage[], selection: Selection): readonly PackageNotice[] {
  return wanted.flatMap(({ name, recommends }) =>
    recommends
      .filter((group) => !selection.isMet(group))
      .map((group) => ({
        kind: "recommends",
        message: `${name} recommends ${group.map(formatDependency).join(" or ")}, which is not added`,
        package: name,
      })),
  );
}

/** Packages of the base that are replaced. */
export function noticeUpgrades(selection: Selection, installed: ReadonlyMap<string, DebianPackage>): readonly PackageNotice[] {
  return byName(selection.chosen).flatMap((chosen) => {
    const { name, version } = chosen.package;
    const before = installed.get(name);
    if (before === undefined || before === chosen.package) return [];
    const why = chosen.owner === undefined ? "as asked for" : `for ${formatChain(chainOf(chosen))}`;
    return [
      {
        kind: "upgraded",
        message: `${name} of the base goes from ${before.version} to ${version}, ${why}`,
        package: name,
      },
    ];
  });
}

function byName(chosen: readonly Chosen[]): readonly Chosen[] {
  return chosen.toSorted((one, other) => (one.package.name < other.package.name ? -1 : 1));
}
