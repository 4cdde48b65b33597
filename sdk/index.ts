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
  MinimumAge,
  MinimumAgeArgs,
  PackageSourceArgs,
  Platform,
  ScriptArgs,
  UserArgs,
} from "./content-args.js";
export type { InputDict, InputList } from "./input-types.js";
export type { PolicyArgs } from "./policy-args.js";
export type { KeyArgs, KeylessArgs, SignArgs } from "./sign-args.js";
export type { VexArgs, VexStatementArgs } from "./vex-args.js";
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
