import type { Input } from "@pulumi/pulumi";
import type { NoticeKind } from "./outputs.js";
import type { SigstoreArgs, VerifyArgs } from "./verify-args.js";

/** A list; each item may be an output. */
export type InputList<T> = Input<Input<T>[]>;

/** A map; each value may be an output. */
export type InputDict<T> = Input<{ [key: string]: Input<T> }>;

/** `os/arch[/variant]` (OCI image spec, image-index.md). */
export type Platform = "linux/amd64" | "linux/arm64" | (string & {});

/** How the layers of a customization are compressed. */
export type Compression = "gzip" | "zstd";

/** How to change the base's entrypoint or command. */
export interface CommandArgs {
  /** `append` and `prepend` put `args` after or before the base's, `replace` uses `args` instead of it; `clear` removes it. */
  mode: Input<"append" | "prepend" | "replace" | "clear">;
  /** Default: none. */
  args?: InputList<string> | undefined;
}

/**
 * Who signs. `key`: the file of a private key, relative to the Pulumi project; `env:NAME`, a variable that holds it; or `exec:COMMAND`, a program that
 * gets a SHA-256 digest and answers with the signature. `keyless`: the identity of the CI, by Sigstore.
 */
export type SignArgs = KeyArgs | KeylessArgs;

/** A key that signs. */
export interface KeyArgs {
  /** A file, `env:NAME`, or `exec:COMMAND`. */
  key: Input<string>;
}

/** Signing with the identity of a CI. */
export interface KeylessArgs {
  /** Default: the public Sigstore. */
  keyless: Input<SigstoreArgs>;
}

/** An OCI image to copy files from. Nothing is copied unless included. */
export interface ArtifactArgs {
  /** `registry/name:tag`, `oci:path:tag`, or either with `@sha256:…`. */
  image: Input<string>;
  /**
   * Paths, each with everything below it, or globs (`*`, `**`, `?`, `[a-z]`); a leading slash makes no difference. One that
   * matches nothing is an error. Account and package databases are copied only by an include that names them.
   */
  includes: InputList<string>;
  /** Paths or globs, applied after the includes. One that hides nothing is reported as a notice. */
  excludes?: InputList<string> | undefined;
  /** User id of everything that is copied, 0 to 4294967294. Default: as in the artifact. */
  uid?: Input<number> | undefined;
  /** Group id of everything that is copied, 0 to 4294967294. Default: as in the artifact. */
  gid?: Input<number> | undefined;
  /** Whose signature the image must have. Default: stack config `dhi:verify`. */
  verify?: Input<VerifyArgs> | undefined;
}

/** A script to place in the image. It is never run. */
export interface ScriptArgs {
  /** Absolute path in the image. */
  path: Input<string>;
  /** The text, stored as UTF-8. */
  content: Input<string>;
  /** User id of the owner, 0 to 4294967294. */
  uid: Input<number>;
  /** Group id of the owner, 0 to 4294967294. */
  gid: Input<number>;
  /** Mode as octal digits in a string, `"0755"`. */
  mode: Input<string>;
}

/** A file from the local disk. Only its content and executable bit are used, so that every checkout gives the same digest. */
export interface FileArgs {
  /** Absolute path in the image. */
  path: Input<string>;
  /** Path relative to the Pulumi project. */
  source: Input<string>;
  /** User id of the owner. Default 0. */
  uid?: Input<number> | undefined;
  /** Group id of the owner. Default 0. */
  gid?: Input<number> | undefined;
  /** Mode as octal digits in a string. Default `"0755"` for an executable file, else `"0644"`. */
  mode?: Input<string> | undefined;
}

/** An empty directory, or a copy of a local one. */
export interface DirectoryArgs {
  /** Absolute path in the image. */
  path: Input<string>;
  /** A local directory whose content is placed below `path`, relative to the Pulumi project. Default: none, for an empty directory. */
  source?: Input<string> | undefined;
  /** Paths or globs to copy from the source, as in an artifact. Default: everything. */
  includes?: InputList<string> | undefined;
  /** Paths or globs to leave out of the source, as in an artifact. */
  excludes?: InputList<string> | undefined;
  /** User id of the directory and everything that is placed below it. Default 0, or that of the existing directory. */
  uid?: Input<number> | undefined;
  /** Group id of the directory and everything that is placed below it. Default 0, or that of the existing directory. */
  gid?: Input<number> | undefined;
  /** Mode of the directory itself, as octal digits in a string. Default `"0755"`, or that of the existing directory. */
  mode?: Input<string> | undefined;
}

/** A user to add. An existing user with the same values is accepted; one that differs is an error. */
export interface UserArgs {
  /** Letters, digits, dots, dashes and underscores. */
  name: Input<string>;
  /** User id, 0 to 4294967294. */
  uid: Input<number>;
  /** Id of the primary group. Default: that of the group with the user's name, else of the group whose id is the user id. */
  gid?: Input<number> | undefined;
  /** Home directory. Default `/home/<name>`. Created with mode 0755, owned by the user, unless it exists. */
  home?: Input<string> | undefined;
  /** Login shell. Default: the image's `nologin`. */
  shell?: Input<string> | undefined;
  /** Names of supplementary groups, declared or in the base. */
  groups?: InputList<string> | undefined;
}

/** A group to add. An existing group with the same id is accepted; one that differs is an error. */
export interface GroupArgs {
  /** Letters, digits, dots, dashes and underscores. */
  name: Input<string>;
  /** Group id, 0 to 4294967294. */
  gid: Input<number>;
  /** Names of users, declared or in the base. */
  members?: InputList<string> | undefined;
}

/** A package by the name that it has in each family. */
export interface FamilyPackageArgs {
  /** Its name for a Debian base. */
  debian?: Input<string> | undefined;
  /** Its name for an Alpine base. */
  alpine?: Input<string> | undefined;
}

/** An archive of packages. */
export interface PackageSourceArgs {
  /** An `http`, `https` or `file` URL without credentials: they come from netrc, apt's `auth.conf.d` or `HTTP_AUTH`. */
  url: Input<string>;
  /** Suite of a Debian archive. Default: the release of the base. */
  suites?: InputList<string> | undefined;
  /** Default `["main"]`; not used for Alpine, where `url` is the repository itself. */
  components?: InputList<string> | undefined;
  /**
   * Public keys that may sign the archive: ASCII-armored text (Debian) or PEM (Alpine). Default: the keys of the distribution's own
   * archive, which come with this package; for Alpine those of the base.
   */
  keys?: InputList<string> | undefined;
  /** Accept an unsigned archive. Every use is reported as a notice. Default false. */
  allowUnsigned?: Input<boolean> | undefined;
  /** Accept release files past their `Valid-Until`, such as those of a snapshot. Every use is reported as a notice. Default false. */
  allowExpired?: Input<boolean> | undefined;
}

/**
 * How old something new must be before it is taken: a number with `s`, `m`, `h` or `d`, or several, such as `1d12h`; at most ten years. A plain
 * text is for images.
 */
export type MinimumAge = string | MinimumAgeArgs;

/** A minimum age for each kind. */
export interface MinimumAgeArgs {
  /**
   * Of bases and artifacts: since the later of when the image was made, by its config, and when this resource first saw it. Default: none.
   */
  images?: Input<string> | undefined;
  /** Of versions of added packages and their dependencies: since the date of the archive that first listed them. Default: none. */
  packages?: Input<string> | undefined;
  /** The same for versions in archives for security updates (`bookworm-security`), which `packages` does not apply to. Default: none. */
  security?: Input<string> | undefined;
}

/**
 * What is known of vulnerabilities of the image, attached to it as OpenVEX. Of the base's own statements those about unchanged packages are kept without
 * asking.
 */
export interface VexArgs {
  /**
   * More statements about the base's packages: a file or a folder relative to the Pulumi project, an `https` URL that ends in `#sha256=<hex>`, or a
   * feed in the layout of the product's advisories, whose URL ends in a slash.
   */
  source?: Input<string> | undefined;
  /** Your own. They override the base's about the same vulnerability and package. */
  statements?: InputList<VexStatementArgs> | undefined;
}

/** What you know of a vulnerability. Anyone who can pull the image can read it. */
export interface VexStatementArgs {
  /** `CVE-2026-1234`, as scanners name it. */
  vulnerability: Input<string>;
  /**
   * A package of the image: `name` in whichever version it has, or `name=version`; of one that belongs to no distribution a package URL with its
   * version. Default: the image as a whole.
   */
  package?: Input<string> | undefined;
  /** Scanners hide what is `not_affected` or `fixed`. */
  status: Input<"not_affected" | "fixed" | "affected" | "under_investigation">;
  /**
   * Why it is `not_affected`: `component_not_present`, `vulnerable_code_not_present`, `vulnerable_code_not_in_execute_path`,
   * `vulnerable_code_cannot_be_controlled_by_adversary` or `inline_mitigations_already_exist`. Required for it, unless `statement` says why.
   */
  justification?: Input<string> | undefined;
  /** In words: why it is not affected, or what to do. Required for `affected`. */
  statement?: Input<string> | undefined;
  /** The last day, in UTC, on which it holds: `2026-12-31`. Afterwards it is left out, with a notice. Default: it holds until you remove it. */
  until?: Input<string> | undefined;
}

/**
 * What an image may not have. Violations are reported by preview, all at once, and stop the update. A rule that is absent or false is not judged;
 * nothing is judged of an image that is rolled back.
 */
export interface PolicyArgs {
  /** The image must run as another user than root: `runAs`, or the base's. Default false. */
  forbidRoot?: Input<boolean> | undefined;
  /** No shell, also of the base: by names of programs in folders of programs, and of packages. Default false. */
  forbidShell?: Input<boolean> | undefined;
  /** No package manager, of the distribution or of a language, also of the base. Default false. */
  forbidPackageManager?: Input<boolean> | undefined;
  /** No setuid, setgid or file capabilities on added files. Default false. */
  forbidSetuid?: Input<boolean> | undefined;
  /** No secret of a well-known form (private keys, tokens) in added files, in the config or in annotations. Default false. */
  forbidSecrets?: Input<boolean> | undefined;
  /** The base and every artifact have `verify`, or stack config has `dhi:verify`. Default false. */
  requireSignedInputs?: Input<boolean> | undefined;
  /** Names of packages that the image may not have, also from the base, or globs: `telnet*`. Default: none. */
  deniedPackages?: InputList<string> | undefined;
  /** SPDX licence identifiers that packages may not have, or globs: `AGPL-*`. Licences that are not known are a notice. Default: none. */
  deniedLicenses?: InputList<string> | undefined;
  /** The base's `com.docker.dhi.date.end-of-life` is not over; also judged of an unchanged image. Default false. */
  forbidEndOfLife?: Input<boolean> | undefined;
  /** Bytes that the added layers may have for each platform, compressed. Default: no limit. */
  maximumGrowthBytes?: Input<number> | undefined;
  /** Kinds of notices that are errors. Default: none. */
  noticesAsErrors?: InputList<NoticeKind> | undefined;
}

/** Everything that goes into an image. Also the type for a baseline that many images share. */
export interface ContentArgs {
  /**
   * OS packages, with their dependencies: `name`, `name=version`, `!name` (must not be installed), for Alpine also `name~version` and
   * `name@tag`; or an object with a name per family.
   */
  packages?: InputList<string | FamilyPackageArgs> | undefined;
  /**
   * Archives to install packages from. Default: the stack config `dhi:packageSources`, else the base's own sources, else the distribution's
   * archive.
   */
  packageSources?: InputList<PackageSourceArgs> | undefined;
  /** Names of packages that count as installed when dependencies are resolved. */
  assumeInstalled?: InputList<string> | undefined;
  /** PEM certificates, added to the image's CA bundle and stored under `/usr/local/share/ca-certificates`. */
  caCertificates?: InputList<string> | undefined;
  /** Images to copy files from; later ones overwrite earlier ones. */
  artifacts?: InputList<ArtifactArgs> | undefined;
  /** Files given by their text. */
  scripts?: InputList<ScriptArgs> | undefined;
  /** Files from the local disk. */
  files?: InputList<FileArgs> | undefined;
  /** Empty directories and copies of local ones. */
  directories?: InputList<DirectoryArgs> | undefined;
  /** Default: all platforms of the base; for an image from scratch `linux/amd64` and `linux/arm64`. */
  platforms?: InputList<Platform> | undefined;
  /** A list is appended to the base's entrypoint. */
  entrypoint?: InputList<string> | Input<CommandArgs> | undefined;
  /** A list is appended to the base's command. */
  cmd?: InputList<string> | Input<CommandArgs> | undefined;
  /** Users to add. */
  users?: InputList<UserArgs> | undefined;
  /** Groups to add. */
  groups?: InputList<GroupArgs> | undefined;
  /** Name or id of a user in the resulting image; stored as its numeric id. Default: the base's user. */
  runAs?: Input<string | number> | undefined;
  /** Absolute path. Default: the base's. */
  workingDirectory?: Input<string> | undefined;
  /** Signal that asks the container to stop: `SIGTERM`, `SIGRTMIN+3`, or a number from `"1"` to `"64"`. Default: the base's. */
  stopSignal?: Input<string> | undefined;
  /** Ports such as `8080`, `8080/tcp`, `53/udp` or `9/sctp`, from 1 to 65535; the default protocol is `tcp`. Added to the base's. */
  exposedPorts?: InputList<string> | undefined;
  /** Absolute paths below the root. Added to the base's; none of those is removed. */
  volumes?: InputList<string> | undefined;
  /** Environment variables, merged into the base's; null removes one. */
  environment?: InputDict<string | null> | undefined;
  /** Annotations of the manifests and the index. */
  annotations?: InputDict<string> | undefined;
  /** Labels of the image config. */
  labels?: InputDict<string> | undefined;
  /** Compression of the added layers. Default: that of the base's last layer; `gzip` from scratch. */
  compression?: Input<Compression> | undefined;
  /**
   * How old a new digest of the base or of an artifact, or a newer base in a range, must be before it is taken: `72h`, `7d`; or an object,
   * also for packages. Until then the image stays as it is, with a notice. Default: it is taken at once.
   */
  minimumAge?: Input<MinimumAge> | undefined;
  /** Take over an existing tag that pulumi-dhi did not publish. Default false. */
  overwrite?: Input<boolean> | undefined;
  /** Statements about vulnerabilities, attached to the image. Its digest stays as it is. Default: none, unless the image is signed. */
  vex?: Input<VexArgs> | undefined;
  /** Sign the image, and attach SBOM and provenance. Default: as `dhi:sign` of the stack says; without it, nothing is signed. */
  sign?: Input<SignArgs> | undefined;
  /** What the image may not have; violations stop preview and update. Default: nothing is forbidden. */
  policy?: Input<PolicyArgs> | undefined;
}
