import type { UsedArchive } from "./used-archive.js";
import type { FileTree } from "../rootfs/tree/file-tree.js";
import type { DeclaredSource } from "./declared-source.js";
import type { AddedPackage, Distribution, InstallPackages, PackageRequest, PackageResolution, UnpackedPackage } from "./packages.js";

/** What is asked for one platform. */
export interface FamilyRequest extends ArchivesRequest {
  readonly requests: readonly PackageRequest[];
  /** The versions that names come in, where they do: of a resolution that is kept. */
  readonly held?: Readonly<Record<string, string>> | undefined;
  readonly assumeInstalled: readonly string[];
}

/** Whose archives are asked, for one platform. */
export interface ArchivesRequest {
  readonly distribution: Distribution;
  /** Undefined for an image from scratch. */
  readonly base: FileTree | undefined;
  /** As OCI names it: `amd64`, `arm64`, `arm/v6`. */
  readonly architecture: string;
  /** `packageSources` of the resource. */
  readonly sources: readonly DeclaredSource[];
}

/** A package that can be asked for by name, or that the base has. */
export interface ListedPackage {
  readonly name: string;
  /** What the base has, else what would be added. */
  readonly version: string;
  /** One line. */
  readonly description: string;
  /** Bytes of the package's file; 0 where no archive has this version. */
  readonly size: number;
  /** In the base. */
  readonly installed: boolean;
}

export interface FamilyResolution extends PackageResolution {
  readonly archives: readonly UsedArchive[];
}

/** A package manager's equal: from plain data, without running anything. One for an operation. */
export interface PackageFamily {
  resolve(request: FamilyRequest): Promise<FamilyResolution>;
  /** Every package by name, once; virtual names are none. */
  list(request: ArchivesRequest): Promise<readonly ListedPackage[]>;
  /** Whether an archive still is what it was: one small download. */
  isUnchanged(archive: UsedArchive): Promise<boolean>;
  /** Downloads, checks and unpacks. */
  unpack(added: AddedPackage): Promise<UnpackedPackage>;
  /** The path of a package's uncompressed payload, which contents of its entries point into. */
  payloadTar(unpacked: UnpackedPackage): Promise<string>;
  readonly install: InstallPackages;
  close(): void;
}
