import { output, runtime, type Input, type Output } from "@pulumi/pulumi";
import type { Platform } from "./content-args.js";

/** Whose packages, and which of them. */
export interface GetPackagesArgs {
  /** The mirrored repository, `registry/name`, or `oci:path`. */
  repository: string;
  /** A tag, or `tag@sha256:…`. */
  version: string;
  /** Words; a package must have each of them in its name or description, in upper or lower case. Default: all packages. */
  search?: string | undefined;
  /** Default `linux/amd64` if the image has it, else its first platform. */
  platform?: Platform | undefined;
}

/** A package that can be added to the image, or that it has. */
export interface PackageInfo {
  /** As it is written in `packages`. */
  name: string;
  /** The version that the image has, else the one that would be added. */
  version: string;
  /** One line. */
  description: string;
  /** Bytes of the package's file; 0 if no archive has this version. */
  size: number;
  /** Whether the image has it. */
  installed: boolean;
}

/**
 * The packages that a customization of an image can add, and those that the image has: what the wizard's drop-down list shows.
 * It reads the image's registry and archives with the stack's configuration, in preview too. Names that match `search` best come
 * first, the others by name. Rejects with `RunError`.
 */
export async function getPackages(args: GetPackagesArgs): Promise<PackageInfo[]> {
  const { getPackages: lookUp } = await import("../provider/pulumi/lookups.js");
  const given = Object.entries(args).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return [...(await lookUp(Object.fromEntries(given), (key) => runtime.getConfig(key)))];
}

/** `getPackages` of arguments that may not be known yet. */
export function getPackagesOutput(args: { [K in keyof GetPackagesArgs]: Input<GetPackagesArgs[K]> }): Output<PackageInfo[]> {
  return output(args).apply((known) => getPackages(known as GetPackagesArgs));
}
