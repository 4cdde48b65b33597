import { DhiError } from "../../../errors.js";
import { compareDebianVersions } from "../formats/version.js";
import { dpkgFolder } from "./database.js";
import type { PackageNotice } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { IncomingPackage } from "./incoming-package.js";

/** Directories of libraries that each architecture has beside /lib (base-files 13, debian/rules; debootstrap, setup_merged_usr). */
const libraryFolders: Readonly<Record<string, readonly string[]>> = {
  amd64: ["lib64"],
  ppc64el: ["lib64"],
  loong64: ["lib64"],
  mips64el: ["lib64"],
};

/** Debian 12 is the first release whose archive may only be unpacked with /usr merged. */
const oldestBaseFiles = "12";

/**
 * What must be there before the first package is unpacked into nothing: the links of a merged /usr, and dpkg's own folders and empty
 * files. All else that a bootstrap leaves comes from the packages' own scripts. Throws `invalid` for releases before Debian 12.
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

/** What every Debian system has, and packages do not say that they need (Debian Policy 3.8): those of bookworm and trixie. */
const essential = (
  "base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname init-system-helpers " +
  "libc-bin login ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux"
).split(" ");

/** A package manager in an image from scratch that has not all that packages take for granted. */
export function essentialNotices(incoming: readonly IncomingPackage[]): readonly PackageNotice[] {
  const names = new Set(incoming.map(({ name }) => name));
  const manager = ["apt", "dpkg"].find((name) => names.has(name));
  const missing = essential.filter((name) => !names.has(name));
  if (manager === undefined || missing.length === 0) return [];
  return [
    {
      kind: "essential-missing",
      package: manager,
      message: `${manager} is here, but not every Essential package: what it installs later may need ${missing.join(", ")}`,
    },
  ];
}
