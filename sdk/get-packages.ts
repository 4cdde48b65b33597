import { output, runtime, type Input, type Output } from "@pulumi/pulumi";
import type { Platform } from "./content-args.js";

/** The image whose packages to list, and a filter. */
export interface GetPackagesArgs {
  /** The mirrored repository, `registry/name`, or `oci:path`. */
  repository: string;
  /** Tag of the image, or `tag@sha256:…`. */
  version: string;
  /** Words that must each occur in a package's name or description, ignoring case. Default: all packages. */
  search?: string | undefined;
  /** Default `linux/amd64` where the image has it, else its first platform. */
  platform?: Platform | undefined;
}

/** A package that can be added to the image, or is in it. */
export interface PackageInfo {
  /** As written in `packages`. */
  name: string;
  /** The version in the image, else the one that would be added. */
  version: string;
  /** One line. */
  description: string;
  /** Size of the package file in bytes; 0 where no archive has this version. */
  size: number;
  /** Whether the image has it. */
  installed: boolean;
}

/**
 * Lists the packages that a customization of an image can add and those that the image has, like the drop-down of the wizard. Reads the
 * image's registry and archives with the stack's configuration, also in preview. Names that match `search` best come first, then
 * alphabetically. Rejects with `RunError`.
 */
export async function getPackages(args: GetPackagesArgs): Promise<PackageInfo[]> {
  const { getPackages: lookUp } = await import("../provider/pulumi/lookups.js");
  const given = Object.entries(args).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return [...(await lookUp(Object.fromEntries(given), (key) => runtime.getConfig(key)))];
}

/** `getPackages` for arguments that may not be known yet. */
export function getPackagesOutput(args: { [K in keyof GetPackagesArgs]: Input<GetPackagesArgs[K]> }): Output<PackageInfo[]> {
  return output(args).apply((known) => getPackages(known as GetPackagesArgs));
}
