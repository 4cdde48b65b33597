import type { KnownNoticeKind } from "../provider/notice-kind.js";

/** What a notice is about: one of these, or one that a later release adds. */
export type NoticeKind = KnownNoticeKind | (string & {});

/** The base that the declared version resolved to. */
export interface ResolvedBase {
  /** `repository@sha256:…` */
  ref: string;
  /** Digest of its index. */
  digest: string;
  /** The version as declared, without digest; of a range the tag that it matched. */
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
  /** The tag as declared, or that a range of versions matched. */
  tag: string;
  /** Digest of the index that it points at. */
  digest: string;
}

/** What the declared names currently resolve to: everything besides the inputs that determines the image's bytes. */
export interface Resolution {
  /** Version of the byte layout: the lowest that gives this image's bytes. A new one is announced by a release. */
  layoutVersion: number;
  /** The base's tag and index digest. Absent for an image from scratch. */
  base?: TaggedDigest;
  /** Maps the reference of each artifact to its digest. */
  artifacts: { [reference: string]: string };
  /** Maps each local source to the digest of the files that are used from it. */
  files: { [source: string]: string };
  /** Maps platform to added package to version. */
  packages: { [platform: string]: { [name: string]: string } };
}

/** Something the user should know that is not an error. At most ten of a kind are reported; an eleventh gives the number of the others. */
export interface Notice {
  /** What it is about. */
  kind: NoticeKind;
  /** The text for users. */
  message: string;
  /** Absent when it applies to all platforms. */
  platform?: string;
  /** Absolute path in the image. */
  path?: string;
  /** Name of the package that it is about. */
  package?: string;
}

/** A statement about an image that is published beside it. */
export interface Attestation {
  /** Its media type or predicate type. */
  type: string;
  /** Digest of its manifest. */
  digest: string;
  /** Platform that it is about; absent when it is about the index. */
  platform?: string;
}

/** Credentials for a registry, of one kind, and how to connect to it. The stack config `dhi:registries` maps hosts to these. */
export interface RegistryConfig {
  /** Used with `password`. */
  username?: string;
  /** Used with `username`. */
  password?: string;
  /** A refresh token (OAuth 2). */
  identityToken?: string;
  /** Name of a credential helper, without the prefix `docker-credential-`. */
  credentialHelper?: string;
  /** CA certificates as PEM text, or paths of PEM files relative to the Pulumi project. */
  caCertificates?: string[];
  /** Use HTTP without TLS. Default: only for loopback addresses. */
  plainHttp?: boolean;
}

/** An archive of packages: `PackageSourceArgs` with plain values. */
export interface PackageSourceConfig {
  /** An `http`, `https` or `file` URL. */
  url: string;
  /** Default: the distribution's release. */
  suites?: string[];
  /** Default `["main"]`. */
  components?: string[];
  /** ASCII-armored text (Debian) or PEM (Alpine). Default: the keys of the distribution's own archive; for Alpine those of the base. */
  keys?: string[];
  /** Accept an unsigned archive. Default false. */
  allowUnsigned?: boolean;
  /** Accept release files past their `Valid-Until`. Default false. */
  allowExpired?: boolean;
}

/** Services of Sigstore of one's own: `SigstoreArgs` with plain values. */
export interface SigstoreConfig {
  /** The certificate authority. */
  fulcioUrl?: string;
  /** The transparency log. */
  rekorUrl?: string;
  /** The timestamp authority (RFC 3161). */
  tsaUrl?: string;
  /** A file with the trusted root, by which signatures are verified. */
  trustedRoot?: string;
  /** A file with the signing configuration, in place of the three URLs. */
  signingConfig?: string;
}

/** A key that signs. */
export interface KeyConfig {
  /** A file, `env:NAME`, `exec:COMMAND`, or as a secret the text of a private key. */
  key: string;
}

/** Signing with the identity of a CI. */
export interface KeylessConfig {
  /** Default: the public Sigstore. */
  keyless: SigstoreConfig;
}

/** Stack config in the namespace `dhi`. */
export interface DhiConfig {
  /** By host, with its port if it has one. */
  registries?: { [host: string]: RegistryConfig };
  /** By distribution, such as `debian:bookworm`: where packages come from, in the form of the input `packageSources`. */
  packageSources?: { [distribution: string]: PackageSourceConfig[] };
  /**
   * Hosts of archives that a base may refer to, such as `mirror.internal` or `mirror.internal:8080`: they receive credentials, and may have
   * private addresses. Default: none.
   */
  packageHosts?: string[];
  /**
   * Who signs the images that do not say it themselves, in the form of the input `sign`. As a secret, `key` may also be the text of a private key:
   * this configuration is not kept in the state of a resource.
   */
  sign?: KeyConfig | KeylessConfig;
  /** Time limit of one operation, such as `90s`, `30m` or `1h30m`. Default: none. */
  timeout?: string;
  /** Default `$XDG_CACHE_HOME/pulumi-dhi`, else `~/.cache/pulumi-dhi`. */
  cacheDirectory?: string;
  /** Fail when a registry is unavailable, where an unchanged image would otherwise be left as it is. Default false. */
  requireFresh?: boolean;
  /** Let a faulty image fail alone, in create and update, instead of stopping the program in check. Default false. */
  deferFailures?: boolean;
}
