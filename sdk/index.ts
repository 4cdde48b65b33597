/**
 * Customized hardened images as Pulumi resources.
 *
 * @packageDocumentation
 */
export type {
  ArtifactArgs,
  CommandArgs,
  Compression,
  ContentArgs,
  DirectoryArgs,
  FamilyPackageArgs,
  FileArgs,
  GroupArgs,
  InputDict,
  InputList,
  KeyArgs,
  KeylessArgs,
  MinimumAge,
  MinimumAgeArgs,
  PolicyArgs,
  PackageSourceArgs,
  Platform,
  ScriptArgs,
  SignArgs,
  UserArgs,
  VexArgs,
  VexStatementArgs,
} from "./content-args.js";
export { Customization, type CustomizationArgs, type VersionRangeArgs } from "./customization.js";
export { getHistory, getHistoryOutput, type GetHistoryArgs, type HistoryEntry } from "./get-history.js";
export { getPackages, getPackagesOutput, type GetPackagesArgs, type PackageInfo } from "./get-packages.js";
export { Mirror, type MirrorArgs, type ImageAge, type ReferrersArgs } from "./mirror.js";
export { OciArtifact, type OciArtifactArgs } from "./oci-artifact.js";
export type {
  Attestation,
  DhiConfig,
  KeyConfig,
  KeylessConfig,
  Notice,
  NoticeKind,
  PackageSourceConfig,
  PinnedBase,
  RegistryConfig,
  ResolvedBase,
  Resolution,
  SigstoreConfig,
  TaggedDigest,
} from "./outputs.js";
export { PublishedImage } from "./published-image.js";
export type { SigstoreArgs, VerifyArgs, VerifyIdentityArgs, VerifyKeysArgs } from "./verify-args.js";
export { verifyImage, verifyImageOutput, type VerifiedImage, type VerifyImageArgs } from "./verify-image.js";
