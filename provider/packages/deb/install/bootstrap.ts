import { DhiError } from "../../../errors.js";
import { compareDebianVersions } from "../formats/version.js";
import { dpkgFolder } from "./database.js";
import type { PackageNotice } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { IncomingPackage } from "./incoming-package.js";

/** Library directories that each architecture has beside /lib (base-files 13, debian/rules; debootstrap, setup_merged_usr). */
const libraryFolders: Readonly<Record<string, readonly string[]>> = {
  amd64: ["lib64"],
  ppc64el: ["lib64"],
  loong64: ["lib64"],
  mips64el: ["lib64"],
};

/** Debian 12 is the first release that requires a merged /usr. */
const oldestBaseFiles = "12";

/**
 * What must exist before the first package is unpacked into an empty root: the links of a merged /usr, and dpkg's own folders and empty
 * files. Everything else that a bootstrap leaves comes from the packages' own scripts. Throws `DhiError` "invalid" for releases before Debian 12.
 */
export function bootstrapRoot(editor: RootEditor, incoming: readonly IncomingPackage[], architecture: string): void {
  const baseFiles = incoming.find(({ name }) => name === "base-files")?.version;
  if (baseFiles !== undefined && compareDebianVersions(baseFiles, oldestBaseFiles) < 0) {
    throw new DhiError(
      "invalid",
      `base-files ${baseFiles} is older than Debian 12: an image from scratch needs a release whose /usr is merged`,
      {
        origin: "inputs",
        property: "distribution",
        hint: "Use debian:bookworm or later",
      },
    );
  }
  for (const name of ["bin", "lib", "sbin", ...(libraryFolders[architecture] ?? [])]) {
    editor.makeDirectory(`usr/${name}`);
    editor.link(name, `usr/${name}`);
  }
  for (const [name, target] of [
    ["run", "/run"],
    ["lock", "/run/lock"],
  ] as const) {
    editor.makeDirectory("var");
    editor.link(`var/${name}`, target);
  }
  editor.makeDirectory("run");
  editor.makeDirectory("run/lock", { mode: 0o1777 });
  editor.makeDirectory("tmp", { mode: 0o1777 });
  for (const folder of ["alternatives", "info", "parts", "triggers", "updates"]) editor.makeDirectory(`${dpkgFolder}/${folder}`);
  editor.write(`${dpkgFolder}/info/format`, "1\n");
  editor.write(`${dpkgFolder}/arch`, `${architecture}\n`);
  for (const file of ["available", "diversions", "status", "statoverride"]) editor.write(`${dpkgFolder}/${file}`, "");
}

/** Packages that every Debian system has and others do not declare as dependencies (Debian Policy 3.8), in bookworm and trixie. */
const essential = (
  "base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname init-system-helpers " +
  "libc-bin login ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux"
).split(" ");

/** A notice for a package manager in an image from scratch that lacks Essential packages. */
export function essentialNotices(incoming: readonly IncomingPackage[]): readonly PackageNotice[] {
  const names = new Set(incoming.map(({ name }) => name));
  const manager = ["apt", "dpkg"].find((name) => names.has(name));
  const missing = essential.filter((name) => !names.has(name));
  if (manager === undefined || missing.length === 0) return [];
  return [
    {
      kind: "essential-missing",
      package: manager,
      message: `${manager} is installed, but not every Essential package: packages that it installs later may need ${missing.join(", ")}`,
    },
  ];
}
