import type { Archive } from "../../../provider/packages/deb/resolve/candidates.js";
import { parseParagraphs } from "../../../provider/packages/deb/formats/control.js";
import { readInstalled } from "../../../provider/packages/deb/resolve/installed.js";
import { PackageIndex } from "../../../provider/packages/deb/archive/package-index.js";
import type { DebianPackage } from "../../../provider/packages/deb/resolve/package.js";
import { resolveDebian, type ResolveOptions } from "../../../provider/packages/deb/resolve/resolver.js";
import type { PackageRequest, PackageResolution } from "../../../provider/packages/packages.js";

/** A package in one line: `name 1.0; Depends: a, b | c; Multi-Arch: foreign`. */
type Line = string;

function toStanza(line: Line, number: number, isArchive: boolean): string {
  const [head = "", ...fields] = line.split(";").map((part) => part.trim());
  const [name = "", version = "1"] = head.split(" ");
  const has = (field: string): boolean => fields.some((one) => one.startsWith(`${field}:`));
  const hash = number.toString(16).padStart(64, "0");
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    ...(isArchive || has("Status") ? [] : ["Status: install ok installed"]),
    ...(has("Architecture") ? [] : ["Architecture: amd64"]),
    ...fields,
    ...(isArchive ? [`Filename: pool/${name}_${version}.deb`, `Size: ${number + 1}`, `SHA256: ${hash}`] : []),
    "",
  ].join("\n");
}

/** The Packages file of the given packages. */
export function madePackages(lines: readonly Line[]): string {
  return lines.map((line, at) => toStanza(line, at, true)).join("\n");
}

/** dpkg's status with the given packages. */
export function madeStatus(lines: readonly Line[]): string {
  return lines.map((line, at) => toStanza(line, at, false)).join("\n");
}

/** A package index of the given packages. */
export function madeArchive(lines: readonly Line[], options: { readonly priority?: number; readonly url?: string } = {}): Archive {
  const { priority = 500, url = "http://archive.example/debian" } = options;
  return {
    index: PackageIndex.scan(Buffer.from(madePackages(lines), "latin1"), "the made index"),
    source: { url, suites: ["bookworm"], components: ["main"], keys: [], allowUnsigned: false, origin: "public" },
    priority,
  };
}

/** A base with the given packages. */
export function madeBase(lines: readonly Line[]): readonly DebianPackage[] {
  return readInstalled(parseParagraphs(madeStatus(lines), "the made status"), "amd64");
}

/** `name`, `name=version` and `!name`, each as `packages[n]`. */
export function asked(...texts: readonly string[]): readonly PackageRequest[] {
  return texts.map((text, at) => {
    const [name = "", version] = text.replace("!", "").split("=");
    return { name, version, forbidden: text.startsWith("!"), property: `packages[${at}]` };
  });
}

export interface MadeCase extends Pick<ResolveOptions, "assumeInstalled" | "held" | "maxTries" | "upgrade"> {
  readonly archive: readonly Line[] | readonly Archive[];
  readonly base?: readonly Line[];
  readonly ask: readonly string[];
}

export function resolveMade({ archive, base = [], ask, ...options }: MadeCase): PackageResolution {
  const archives = archive.every((one) => typeof one === "string")
    ? [madeArchive(archive)]
    : archive.filter((one) => typeof one !== "string");
  return resolveDebian({ installed: madeBase(base), archives, architecture: "amd64", requests: asked(...ask), ...options });
}

/** What is added, `name version`, in order. */
export function added(made: MadeCase): readonly string[] {
  return resolveMade(made).added.map(({ name, version }) => `${name} ${version}`);
}
