import type { UnpackedPackage } from "../../packages.js";
import { fieldOf, parseParagraph, type Paragraph } from "../formats/control.js";
import { field, type DatabaseForm, type StatusBlock } from "./database.js";

/** A package to be installed in a root. */
export interface IncomingPackage {
  readonly unpacked: UnpackedPackage;
  readonly control: Paragraph;
  readonly name: string;
  /** The package's own: `amd64`, `all`. */
  readonly architecture: string;
  readonly version: string;
  /** The name of its files in dpkg's `info`, or in `status.d`. */
  readonly info: string;
  /** The version of the base that it replaces, and the name of that one's files. */
  readonly oldVersion: string | undefined;
  readonly oldInfo: string | undefined;
}

export function readIncoming(unpacked: UnpackedPackage, installed: ReadonlyMap<string, StatusBlock>, form: DatabaseForm): IncomingPackage {
  const control = parseParagraph(unpacked.control.get("control")?.toString("latin1") ?? "", `the control file of ${unpacked.package.name}`);
  const name = fieldOf(control, "Package") ?? unpacked.package.name;
  const architecture = fieldOf(control, "Architecture") ?? unpacked.package.architecture;
  const old = installed.get(name);
  const named = (arch: string, multiArch: string | undefined): string =>
    form === "status" ? infoName(name, arch, multiArch) : (old?.file ?? name);
  return {
    unpacked,
    control,
    name,
    architecture,
    version: fieldOf(control, "Version") ?? unpacked.package.version,
    info: named(architecture, fieldOf(control, "Multi-Arch")),
    oldVersion: old && field(old.text, "Version"),
    oldInfo: old && named(old.architecture, field(old.text, "Multi-Arch")),
  };
}

/** `name:arch` where packages of several architectures may be installed at once, else `name` (dpkg, infodb format 1). */
export function infoName(name: string, architecture: string, multiArch: string | undefined): string {
  return multiArch === "same" ? `${name}:${architecture}` : name;
}
