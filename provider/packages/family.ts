import type { UsedArchive } from "./used-archive.js";
import type { FileTree } from "../rootfs/tree/file-tree.js";
import type { DeclaredSource } from "./declared-source.js";
import type { AddedPackage, Distribution, InstallPackages, PackageRequest, PackageResolution, UnpackedPackage } from "./packages.js";

/** The requests for one platform. */
export interface FamilyRequest extends ArchivesRequest {
  readonly requests: readonly PackageRequest[];
  /** The only version that each of these names may be added in: those of a held resolution. */
  readonly held?: Readonly<Record<string, string>> | undefined;
  /** Also upgrade packages of the base that have a newer version: `all`, or only those that are `held`. Default: only what must be. */
  readonly upgrade?: "all" | "held" | undefined;
  readonly assumeInstalled: readonly string[];
}

/** Which archives to use for one platform. */
export interface ArchivesRequest {
  readonly distribution: Distribution;
  /** Undefined for an image from scratch. */
  readonly base: FileTree | undefined;
  /** In OCI's terms: `amd64`, `arm64`, `arm/v6`. */
  readonly architecture: string;
  /** `packageSources` of the resource. */
  readonly sources: readonly DeclaredSource[];
}

/** A package that can be requested by name, or that the base has. */
export interface ListedPackage {
  readonly name: string;
  /** The version in the base, else the one that would be added. */
  readonly version: string;
  /** One line. */
  readonly description: string;
  /** Bytes of the package's file; 0 where no archive has this version. */
  readonly size: number;
  /** Whether the base has it. */
  readonly installed: boolean;
}

export interface FamilyResolution extends PackageResolution {
  /** What the base has, by name. */
  readonly installed: ReadonlyMap<string, string>;
  readonly archives: readonly UsedArchive[];
  /** Of one of `added`. */
  readonly listing: (added: NamedVersion) => PackageListing;
}

export type NamedVersion = Pick<AddedPackage, "name" | "version">;

/** What the archives that list a version of a package say about it. */
export interface PackageListing {
  /** The earliest of their dates, ISO 8601; undefined where none has one. */
  readonly date: string | undefined;
  /** Whether one of them is for security updates. */
  readonly security: boolean;
}

/** Does the work of a package manager on plain data, without running anything. One per operation. */
export interface PackageFamily {
  resolve(request: FamilyRequest): Promise<FamilyResolution>;
  /** Every package once, by name; virtual names are not listed. */
  list(request: ArchivesRequest): Promise<readonly ListedPackage[]>;
  /** Whether an archive is unchanged, by one small download. */
  isUnchanged(archive: UsedArchive): Promise<boolean>;
  /** Downloads, verifies and unpacks. */
  unpack(added: AddedPackage): Promise<UnpackedPackage>;
  /** The path of a package's uncompressed payload, which the contents of its entries point into. */
  payloadTar(unpacked: UnpackedPackage): Promise<string>;
  readonly install: InstallPackages;
  close(): void;
}
