import type { NoticeKind } from "../provider/notice-kind.js";

export type { NoticeKind };

/** The base that `version` resolved to. */
export interface ResolvedBase {
  /** `repository@sha256:…` */
  ref: string;
  /** Of its index. */
  digest: string;
  /** As declared. */
  tag: string;
}

/** An image as the base of a `Customization`. */
export interface PinnedBase {
  /** `registry/name`, or `oci:path`. */
  repository: string;
  /** `tag@sha256:…` */
  version: string;
}

/** What a tag resolved to. */
export interface TaggedDigest {
  /** As declared. */
  tag: string;
  /** Of the index it points at. */
  digest: string;
}

/** What the declared names resolved to: everything other than the inputs that determines the bytes of the image. */
export interface Resolution {
  /** The byte layout of layers; it changes only with a release that says so. */
  layoutVersion: number;
  /** The tag of the base, and its index digest. Absent for an image from scratch. */
  base?: TaggedDigest;
  /** Reference to digest. */
  artifacts: { [reference: string]: string };
  /** Local source to the digest of what is taken from it. */
  files: { [source: string]: string };
  /** Platform to added package to version. */
  packages: { [platform: string]: { [name: string]: string } };
}

/** Something the user should see although it is not an error. Of each kind ten are reported; an eleventh says how many more there are. */
export interface Notice {
  /** What it is about. */
  kind: NoticeKind;
  /** In words. */
  message: string;
  /** Absent when it holds for all platforms. */
  platform?: string;
  /** Absolute, in the image. */
  path?: string;
  /** The package that it is about. */
  package?: string;
}

/** A statement about an image that is stored beside it. */
export interface Attestation {
  /** Its media or predicate type. */
  type: string;
  /** Of its manifest. */
  digest: string;
  /** Absent when it is about the index. */
  platform?: string;
}

/** One way to authenticate to a registry, and how to reach it. Stack config `dhi:registries` maps hosts to these. */
export interface RegistryConfig {
  /** With `password`. */
  username?: string;
  /** With `username`. */
  password?: string;
  /** A refresh token (OAuth 2). */
  identityToken?: string;
  /** The name behind `docker-credential-`. */
  credentialHelper?: string;
  /** PEM text, or paths of PEM files relative to the Pulumi project. */
  caCertificates?: string[];
  /** Use HTTP without TLS. By default only for loopback. */
  plainHttp?: boolean;
}

/** An archive of packages, as `PackageSourceArgs` of plain values. */
export interface PackageSourceConfig {
  /** An `http`, `https` or `file` URL. */
  url: string;
  /** Default: the distribution's release. */
  suites?: string[];
  /** Default `main`. */
  components?: string[];
  /** ASCII-armored text (Debian) or PEM (Alpine). Default: the keys of the distribution's own archive; the base's own for Alpine. */
  keys?: string[];
  /** Accept an archive that is not signed. Default false. */
  allowUnsigned?: boolean;
  /** Accept release files past their `Valid-Until`. Default false. */
  allowExpired?: boolean;
}

/** Stack config in the namespace `dhi`. */
export interface DhiConfig {
  /** By host, with its port if it has one. */
  registries?: { [host: string]: RegistryConfig };
  /** By distribution, as `debian:bookworm`: where packages come from, in the form of the input `packageSources`. */
  packageSources?: { [distribution: string]: PackageSourceConfig[] };
  /**
   * Hosts of archives that a base may name, as `mirror.internal` or `mirror.internal:8080`: they are asked with credentials, also at private
   * addresses. Default none.
   */
  packageHosts?: string[];
  /** Of one operation, such as `30m`. Default none. */
  timeout?: string;
  /** Default `$XDG_CACHE_HOME/pulumi-dhi`, else `~/.cache/pulumi-dhi`. */
  cacheDirectory?: string;
  /** Fail if a registry cannot be reached, where an unchanged image would otherwise be left as it is. Default false. */
  requireFresh?: boolean;
  /** Let one bad image fail alone, in create and update, instead of stopping the program in check. Default false. */
  deferFailures?: boolean;
}
